package io.wurstwerk.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class ContentPolicyTest {

    @Test
    void picturesComeFromThePageAndTheStoreAlone() {
        assertThat(directive("https://images.example:9443/", "img-src"))
                .isEqualTo("img-src 'self' data: https://images.example:9443");
    }

    @Test
    void anAddressInBracketsStaysWhole() {
        assertThat(directive("http://[::1]:9000", "img-src")).isEqualTo("img-src 'self' data: http://[::1]:9000");
    }

    @Test
    void scriptsAndStylesAreFilesOfThePage() {
        assertThat(directive("http://store:9000", "script-src")).isEqualTo("script-src 'self'");
        assertThat(directive("http://store:9000", "style-src")).isEqualTo("style-src 'self'");
        assertThat(directive("http://store:9000", "default-src")).isEqualTo("default-src 'none'");
    }

    private static String directive(String store, String name) {
        for (String directive : ContentPolicy.of(URI.create(store)).split("; ")) {
            if (directive.startsWith(name + " ")) {
                return directive;
            }
        }
        throw new AssertionError("no " + name);
    }
}
