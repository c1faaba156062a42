package io.wurstwerk.orchestrator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PresignedUrlTest {

    @Test
    void theUrlIsSignedForThePublicHostWithoutAskingAnybody() {
        try (var store = new ImageStore(
                settings("http://minio.internal:9000", "https://images.example.com"), ImageStore.Limits.DEFAULT)) {
            URI url = store.presignedGet("v1/a/b/0-c.png", Duration.ofHours(1));
            assertThat(url.getScheme()).isEqualTo("https");
            assertThat(url.getAuthority()).isEqualTo("images.example.com");
            assertThat(url.getPath()).isEqualTo("/wurstwerk/v1/a/b/0-c.png");
            assertThat(url.getQuery()).contains("X-Amz-SignedHeaders=host", "X-Amz-Expires=3600");
        }
    }

    @Test
    void theHostIsPartOfTheSignature() {
        try (var one = new ImageStore(
                        settings("http://minio:9000", "http://one.example:9000"), ImageStore.Limits.DEFAULT);
                var two = new ImageStore(
                        settings("http://minio:9000", "http://two.example:9000"), ImageStore.Limits.DEFAULT)) {
            assertThat(signature(one.presignedGet("k", Duration.ofHours(1))))
                    .isNotEqualTo(signature(two.presignedGet("k", Duration.ofHours(1))));
        }
    }

    @Test
    void anExpiryBeyondSevenDaysIsRefusedWithItsKey() {
        Duration tooLong = Duration.ofDays(7).plusSeconds(1);
        Duration hour = Duration.ofHours(1);
        assertThatThrownBy(() -> settings(tooLong, hour))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wurstwerk.store.url-expiry")
                .hasMessageContaining("P7D");
        assertThatThrownBy(() -> settings(hour, tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wurstwerk.store.api-url-expiry");
    }

    private static StoreSettings settings(Duration inEvents, Duration overHttp) {
        var keys = new StoreSettings.Keys("access", "secret");
        URI store = URI.create("http://minio:9000");
        return new StoreSettings(
                store, store, "us-east-1", "wurstwerk", keys, keys, inEvents, overHttp, "tenant", null);
    }

    @Test
    void anAuthorityForAStoreThatIsSpokenToInTheOpenIsRefused() {
        var keys = new StoreSettings.Keys("access", "secret");
        URI store = URI.create("http://minio:9000");
        Duration hour = Duration.ofHours(1);
        assertThatThrownBy(() -> new StoreSettings(
                        store, store, "us-east-1", "wurstwerk", keys, keys, hour, hour, "tenant", Path.of("ca.pem")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wurstwerk.store.tls.ca")
                .hasMessageContaining("wurstwerk.store.endpoint");
    }

    @Test
    void anEndpointWithAPathIsRefused() {
        assertThatThrownBy(() -> settings("http://minio:9000/path", "http://minio:9000"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wurstwerk.store.endpoint");
    }

    @Test
    void settingsDoNotTellTheirSecrets() {
        assertThat(settings("http://minio:9000", "http://minio:9000").toString())
                .doesNotContain("secret", "tenant");
    }

    private static String signature(URI url) {
        return url.getQuery().replaceAll(".*X-Amz-Signature=", "");
    }

    private static StoreSettings settings(String endpoint, String publicEndpoint) {
        return new StoreSettings(
                URI.create(endpoint),
                URI.create(publicEndpoint),
                "us-east-1",
                "wurstwerk",
                new StoreSettings.Keys("access", "secret"),
                "tenant");
    }
}
