package io.wurstwerk.orchestrator.job;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One drawn image, or the preview of a drafted one, readable in the store.
 *
 * @param index place in the job, from 0
 * @param seed the 32 bits used, unsigned
 * @param key name of the object in the bucket
 * @param sha256 of the object's bytes, 64 hexadecimal digits
 * @param size in bytes
 * @param url presigned GET for anyone who holds it, until {@code urlExpiresAt}
 * @param sketch of a draft's preview only
 */
public record StoredImage(
        int index,
        long seed,
        String bucket,
        String key,
        String sha256,
        long size,
        String contentType,
        URI url,
        Instant urlExpiresAt,
        @Nullable Sketch sketch) {

    /** An image that is finished. */
    public StoredImage(
            int index,
            long seed,
            String bucket,
            String key,
            String sha256,
            long size,
            String contentType,
            URI url,
            Instant urlExpiresAt) {
        this(index, seed, bucket, key, sha256, size, contentType, url, urlExpiresAt, null);
    }
}
