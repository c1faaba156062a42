package io.wurstwerk.orchestrator.store;

import java.net.URI;
import java.time.Duration;

/** A checked {@link StoreConfig}. */
public record StoreSettings(
        URI endpoint,
        URI publicEndpoint,
        String region,
        String bucket,
        String accessKey,
        String secretKey,
        Duration urlExpiry,
        String tenantSecret) {

    private static final Duration LONGEST_EXPIRY = Duration.ofDays(7);

    public StoreSettings {
        requireUrl("wurstwerk.store.endpoint", endpoint);
        requireUrl("wurstwerk.store.public-endpoint", publicEndpoint);
        requireText("wurstwerk.store.region", region);
        requireText("wurstwerk.store.bucket", bucket);
        requireText("wurstwerk.store.access-key", accessKey);
        requireText("wurstwerk.store.secret-key", secretKey);
        requireText("wurstwerk.store.tenant-secret", tenantSecret);
        if (urlExpiry.compareTo(Duration.ofSeconds(1)) < 0 || urlExpiry.compareTo(LONGEST_EXPIRY) > 0) {
            throw new IllegalArgumentException(
                    "wurstwerk.store.url-expiry must be from PT1S to P7D, which is all that S3 allows, not "
                            + urlExpiry);
        }
    }

    static StoreSettings of(StoreConfig config) {
        return new StoreSettings(
                config.endpoint(),
                config.publicEndpoint().orElse(config.endpoint()),
                config.region(),
                config.bucket(),
                config.accessKey(),
                config.secretKey(),
                config.urlExpiry(),
                config.tenantSecret());
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "StoreSettings[" + endpoint + ", " + publicEndpoint + ", " + bucket + "]";
    }

    private static void requireUrl(String key, URI url) {
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        boolean bare = url.getPath().isEmpty() || url.getPath().equals("/");
        if (!http || url.getHost() == null || !bare || url.getQuery() != null || url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    key + " must be http(s)://host:port without a path, such as http://localhost:9000");
        }
    }

    private static void requireText(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(key + " must not be empty");
        }
    }
}
