package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.ownership.AnswerArchive;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Keeps answers as manifests in the object store, beside the images. A completed job's manifest is waited for, a few
 * seconds at most: its images have just been stored, so the store is there. The others are written alongside; they
 * would otherwise wait for a store that they do not need.
 */
public final class StoreArchive implements AnswerArchive, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StoreArchive.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Beyond this, answers without pictures are not archived: a store that is away must not fill the memory. */
    private static final int UNDER_WAY = 200;

    private final ImageStore store;
    private final ExecutorService threads;
    private final Semaphore room = new Semaphore(UNDER_WAY);

    public StoreArchive(ImageStore store) {
        this.store = store;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("manifest-", 0).factory());
    }

    @Override
    public void keep(Map<Terminal, byte[]> answers) {
        List<Future<?>> awaited = new ArrayList<>();
        try {
            answers.forEach((state, data) -> {
                if (state instanceof Terminal.Completed) {
                    awaited.add(threads.submit(() -> write(state, data)));
                } else if (room.tryAcquire()) {
                    threads.execute(() -> {
                        try {
                            write(state, data);
                        } finally {
                            room.release();
                        }
                    });
                }
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the archive is closing");
        }
        await(awaited);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private static void await(List<Future<?>> written) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Future<?> one : written) {
                one.get(Math.max(0, limit - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException | CancellationException late) {
            LOG.warn("a manifest is not stored yet; the answer goes out without it");
        }
    }

    private void write(Terminal state, byte[] data) {
        try {
            store.putDocument(store.manifestKey(state.origin().tenant(), state.id()), data);
        } catch (StoreException away) {
            LOG.warnf("job %s has no manifest: %s", state.id(), away.getMessage());
        } catch (CancellationException stopping) {
            LOG.debug("a manifest was given up");
        }
    }
}
