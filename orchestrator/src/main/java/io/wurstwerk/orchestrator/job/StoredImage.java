package io.wurstwerk.orchestrator.job;

import java.net.URI;
import java.time.Instant;

/**
 * One drawn image, readable in the store.
 *
 * @param index place in the job, from 0
 * @param seed the 32 bits used, unsigned
 * @param key name of the object in the bucket
 * @param sha256 of the object's bytes, 64 hexadecimal digits
 * @param size in bytes
 * @param url presigned GET for anyone who holds it, until {@code urlExpiresAt}
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
        Instant urlExpiresAt) {}
