package io.wurstwerk.orchestrator.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFilesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"plain", "p$q", "a${b}c", "back\\slash", "x\\$y", "$$", "{a:b}", "end\\"})
    void aSecretIsWhatItsFileSaysWithoutTheBlanksAroundIt(String secret) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), " " + secret + "\n");
        for (String name : SecretFiles.SECRETS) {
            assertThat(config(Map.of(name + "-file", file.toString())).getValue(name, String.class))
                    .isEqualTo(secret);
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedAndTheSecretNotTold() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        Path good = Files.writeString(folder.resolve("good"), "lapidary-canary");
        assertThatThrownBy(() -> config(Map.of("wurstwerk.store.secret-key-file", "/not/there")))
                .hasMessageContaining("wurstwerk.store.secret-key-file names /not/there, which cannot be read");
        assertThatThrownBy(() -> config(Map.of("wurstwerk.store.secret-key-file", empty.toString())))
                .hasMessageContaining("which is empty");
        assertThatThrownBy(() -> config(Map.of(
                        "wurstwerk.store.secret-key-file", good.toString(), "wurstwerk.store.secret-key", "another")))
                .hasMessageContaining("wurstwerk.store.secret-key and wurstwerk.store.secret-key-file are both set")
                .message()
                .doesNotContain("lapidary-canary", "another");
    }

    private static SmallRyeConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(settings, "test", 400))
                .withSources(new SecretFiles())
                .build();
    }
}
