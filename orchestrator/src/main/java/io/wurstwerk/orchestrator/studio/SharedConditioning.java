package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.pipeline.Pipeline;
import io.wurstwerk.pipeline.Prompt;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the text encoders make of a job's prompt, asked once for all its images, on whatever lane, and again only when other models serve.
 * The first image that has a place asks; its siblings wait for the answer. Thread-safe.
 */
final class SharedConditioning {

    /** How the encoders are asked. */
    interface Asking {
        Conditioning encode(Pipeline pipeline, Prompt prompt);
    }

    private final Prompt prompt;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable String encoder;
    private @Nullable Conditioning conditioning;
    private Duration took = Duration.ZERO;

    SharedConditioning(Prompt prompt) {
        this.prompt = prompt;
    }

    /** @param asking attends the encoders' work when they are asked */
    Conditioning of(Pipeline pipeline, Asking asking) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Conditioning known = conditioning;
            if (known == null || !pipeline.fingerprint().equals(encoder)) {
                long start = System.nanoTime();
                known = asking.encode(pipeline, prompt);
                took = Duration.ofNanos(System.nanoTime() - start);
                conditioning = known;
                encoder = pipeline.fingerprint();
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** How long the encoders took. */
    Duration took() {
        lock.lock();
        try {
            return took;
        } finally {
            lock.unlock();
        }
    }
}
