package io.wurstwerk.orchestrator.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where the store is and how to speak to it. */
@ConfigMapping(prefix = "wurstwerk.store")
interface StoreConfig {

    /** As this process reaches it, such as {@code http://minio:9000}. */
    URI endpoint();

    /** As readers of the events reach it; URLs are signed for this host. The endpoint itself when absent. */
    Optional<URI> publicEndpoint();

    @WithDefault("us-east-1")
    String region();

    @WithDefault("wurstwerk")
    String bucket();

    /** With which objects are written, and read back. */
    String accessKey();

    String secretKey();

    /** With which URLs for readers are signed: of a principal that may read images and nothing else. As above when absent. */
    Optional<String> readAccessKey();

    Optional<String> readSecretKey();

    /** How long the URLs in events can be read; S3 allows seven days at most. */
    @WithDefault("PT1H")
    Duration urlExpiry();

    /** How long the URLs that the HTTP API gives can be read: it signs anew at every look. */
    @WithDefault("PT15M")
    Duration apiUrlExpiry();

    Tls tls();

    /** How a store at an {@code https} address is trusted. */
    interface Tls {
        /** PEM file of the authorities that may have issued its certificate. Those that the Java platform trusts when absent. */
        Optional<Path> ca();
    }

    /** Key of the HMAC that hides tenants' names in object keys. */
    String tenantSecret();

    /** The file that holds {@link #accessKey()}, and so on: read by the configuration itself, and only named here. */
    Optional<Path> accessKeyFile();

    Optional<Path> secretKeyFile();

    Optional<Path> readAccessKeyFile();

    Optional<Path> readSecretKeyFile();

    Optional<Path> tenantSecretFile();
}
