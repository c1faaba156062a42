package io.wurstwerk.orchestrator.stack;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/** What lies under an S3 server. Can be told to keep less or something else than it was given, and to say that it did. */
public final class FlawedBlobs extends ForwardingBlobStore {

    /** What is kept of an object. */
    public enum Flaw {
        /** The first half. */
        TRUNCATED,
        /** As many bytes, and one of them wrong. */
        DAMAGED
    }

    private final AtomicInteger flawed = new AtomicInteger();
    private final AtomicInteger puts = new AtomicInteger();
    private volatile Flaw flaw = Flaw.TRUNCATED;

    FlawedBlobs(BlobStore sound) {
        super(sound);
    }

    /** The next so many objects are kept badly. */
    public void spoil(Flaw how, int times) {
        flaw = how;
        flawed.set(times);
    }

    /** Objects put so far, those that were kept badly among them. */
    public int puts() {
        return puts.get();
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        puts.incrementAndGet();
        if (flawed.getAndDecrement() <= 0) {
            return super.putBlob(request, payload);
        }
        try {
            byte[] given = payload.readAllBytes();
            byte[] kept = switch (flaw) {
                case TRUNCATED -> Arrays.copyOf(given, given.length / 2);
                case DAMAGED -> given;
            };
            kept[kept.length / 2] ^= 1;
            PutObjectRequest untrue = request.toBuilder()
                    .contentLength((long) kept.length)
                    .contentMD5(null)
                    .build();
            return super.putBlob(untrue, new ByteArrayInputStream(kept));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
