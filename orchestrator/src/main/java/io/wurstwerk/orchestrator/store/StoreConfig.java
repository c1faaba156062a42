package io.wurstwerk.orchestrator.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
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

    String accessKey();

    String secretKey();

    /** How long the URLs in events can be read; S3 allows seven days at most. */
    @WithDefault("PT1H")
    Duration urlExpiry();

    /** Key of the HMAC that hides tenants' names in object keys. */
    String tenantSecret();
}
