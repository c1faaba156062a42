package io.wurstwerk.orchestrator.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A checked {@link StoreConfig}.
 *
 * @param keys for writing, and for reading back
 * @param readKeys for signing what readers are given
 * @param urlExpiry of URLs in events
 * @param apiUrlExpiry of URLs that the HTTP API gives
 * @param ca PEM file of the trusted authorities; null for those of the Java platform
 */
public record StoreSettings(
        URI endpoint,
        URI publicEndpoint,
        String region,
        String bucket,
        Keys keys,
        Keys readKeys,
        Duration urlExpiry,
        Duration apiUrlExpiry,
        String tenantSecret,
        @Nullable Path ca) {

    /** Who somebody is to the store. */
    public record Keys(String access, String secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Keys[" + access + "]";
        }
    }

    private static final Duration LONGEST_EXPIRY = Duration.ofDays(7);

    public StoreSettings {
        requireUrl("wurstwerk.store.endpoint", endpoint);
        requireUrl("wurstwerk.store.public-endpoint", publicEndpoint);
        requireText("wurstwerk.store.region", region);
        requireText("wurstwerk.store.bucket", bucket);
        requireText("wurstwerk.store.access-key", keys.access());
        requireText("wurstwerk.store.secret-key", keys.secret());
        requireText("wurstwerk.store.read-access-key", readKeys.access());
        requireText("wurstwerk.store.read-secret-key", readKeys.secret());
        requireText("wurstwerk.store.tenant-secret", tenantSecret);
        requireExpiry("wurstwerk.store.url-expiry", urlExpiry);
        requireExpiry("wurstwerk.store.api-url-expiry", apiUrlExpiry);
        if (ca != null && !"https".equals(endpoint.getScheme())) {
            throw new IllegalArgumentException(
                    "wurstwerk.store.tls.ca is set, but wurstwerk.store.endpoint is no https address, so nothing would be"
                            + " checked by it: " + endpoint);
        }
    }

    /** One key for everything, an hour for every URL, and the authorities that the Java platform trusts. */
    public StoreSettings(
            URI endpoint, URI publicEndpoint, String region, String bucket, Keys keys, String tenantSecret) {
        this(
                endpoint,
                publicEndpoint,
                region,
                bucket,
                keys,
                keys,
                Duration.ofHours(1),
                Duration.ofHours(1),
                tenantSecret,
                null);
    }

    /** The same behind another address. */
    public StoreSettings withEndpoint(URI other) {
        return new StoreSettings(
                other, publicEndpoint, region, bucket, keys, readKeys, urlExpiry, apiUrlExpiry, tenantSecret, ca);
    }

    static StoreSettings of(StoreConfig config) {
        return new StoreSettings(
                config.endpoint(),
                config.publicEndpoint().orElse(config.endpoint()),
                config.region(),
                config.bucket(),
                new Keys(config.accessKey(), config.secretKey()),
                readKeys(config),
                config.urlExpiry(),
                config.apiUrlExpiry(),
                config.tenantSecret(),
                config.tls().ca().orElse(null));
    }

    private static Keys readKeys(StoreConfig config) {
        if (config.readAccessKey().isPresent() != config.readSecretKey().isPresent()) {
            throw new IllegalArgumentException("wurstwerk.store.read-access-key and wurstwerk.store.read-secret-key are"
                    + " set together, or neither: set the other one too");
        }
        return new Keys(
                config.readAccessKey().orElseGet(config::accessKey),
                config.readSecretKey().orElseGet(config::secretKey));
    }

    private static void requireExpiry(String key, Duration expiry) {
        if (expiry.compareTo(Duration.ofSeconds(1)) < 0 || expiry.compareTo(LONGEST_EXPIRY) > 0) {
            throw new IllegalArgumentException(
                    key + " must be from PT1S to P7D, which is all that S3 allows, not " + expiry);
        }
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
