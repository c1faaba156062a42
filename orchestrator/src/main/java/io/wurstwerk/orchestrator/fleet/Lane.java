package io.wurstwerk.orchestrator.fleet;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.pipeline.Pipeline;
import io.wurstwerk.pipeline.PipelineOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One Triton endpoint, watched. Connects in the background, for as long as it takes and with bounded tries; when the
 * server comes back after an outage, its models are read anew, because they may be others. Thread-safe.
 */
public final class Lane implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Lane.class);

    private final String endpoint;
    private final String authority;
    private final PipelineOptions options;
    private final Duration watchInterval;
    private final Backoff backoff;
    private final Thread watch;
    private final CompletableFuture<Void> firstConnection = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Watcher> watchers = new ArrayList<>();
    private @Nullable Pipeline pipeline;
    private @Nullable Pipeline retired;
    private boolean ready;
    private boolean closed;

    /** Hears of changes, one after the other and in their order. Must not block. */
    public interface Watcher {
        /** @param pipeline fingerprint of the models */
        void ready(String endpoint, String pipeline);

        void away(String endpoint);

        /** The lane is none of this process any more; nothing else is told of it, unless it is one again. */
        void gone(String endpoint);
    }

    /**
     * Opens nothing before {@link #start()}.
     *
     * @param endpoint {@code host:port}
     * @param authority {@code host:port} as the server calls itself: where it is found by name, that name
     * @param watchInterval between two looks at a server that is ready
     * @param backoff between two looks at one that is not
     */
    Lane(String endpoint, String authority, PipelineOptions options, Duration watchInterval, Backoff backoff) {
        if (!endpoint.matches("[^\\s:/]+:[0-9]{1,5}|\\[[0-9a-fA-F:]+]:[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "wurstwerk.triton.endpoint must be host:port, such as localhost:8001, or dns:///host:port for the"
                            + " servers at every address of a host, or several of them, separated by commas");
        }
        this.endpoint = endpoint;
        this.authority = authority;
        this.options = options;
        this.watchInterval = watchInterval;
        this.backoff = backoff;
        this.watch = Thread.ofVirtual().name("lane-" + endpoint).unstarted(this::watch);
    }

    public void start() {
        watch.start();
    }

    /** Runs the action once, as soon as the models have been read for the first time. */
    public void onFirstConnection(Runnable action) {
        var _ = firstConnection.thenRun(action);
    }

    /** Tells how the lane is, and from then on what changes. */
    void watch(Watcher watcher) {
        locked(() -> {
            watchers.add(watcher);
            if (ready && pipeline != null) {
                watcher.ready(endpoint, pipeline.fingerprint());
            }
            return watchers;
        });
    }

    /** {@code host:port}. */
    String endpoint() {
        return endpoint;
    }

    /** Whether the server answered that it is ready when last asked. */
    public boolean ready() {
        return locked(() -> ready);
    }

    /** The models, as last read, whether the server is ready or not. */
    Optional<Pipeline> known() {
        return locked(() -> Optional.ofNullable(pipeline));
    }

    /** The models, if the server was ready when last asked. */
    public Optional<Pipeline> current() {
        return locked(() -> Optional.ofNullable(ready ? pipeline : null));
    }

    /** A caller met an outage: nobody else needs to try before the server has been asked. */
    public void suspect() {
        setReady(false);
    }

    /** Takes no more work. What is under way may end, until the lane is closed. */
    void leave() {
        watch.interrupt();
        locked(() -> {
            closed = true;
            ready = false;
            watchers.forEach(watcher -> watcher.gone(endpoint));
            return watchers;
        });
    }

    @Override
    public void close() {
        watch.interrupt();
        List<Pipeline> open = locked(() -> {
            closed = true;
            ready = false;
            return Stream.of(Optional.ofNullable(pipeline), Optional.ofNullable(retired))
                    .flatMap(Optional::stream)
                    .toList();
        });
        open.forEach(Pipeline::close);
    }

    private void watch() {
        int failures = 0;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                failures = look(failures == 0) ? 0 : failures + 1;
                Thread.sleep(failures == 0 ? watchInterval : backoff.afterFailures(failures));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param news whether a failure would be one that the log does not know of */
    private boolean look(boolean news) {
        Pipeline current = locked(() -> pipeline);
        boolean answers = current != null && current.ready();
        if (answers && ready()) {
            return true;
        }
        setReady(false);
        return connect(answers ? current : null, news);
    }

    /**
     * Reads the models anew.
     *
     * @param usable keeps its place where the models are still those; a connection that failed does not, because it may
     *     wait for minutes before it tries again
     */
    private boolean connect(@Nullable Pipeline usable, boolean news) {
        Pipeline fresh;
        try {
            fresh = Pipeline.connect(endpoint, authority, options);
        } catch (RuntimeException unavailable) {
            LOG.logf(
                    news && !Thread.currentThread().isInterrupted() ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "model server %s: %s; trying again",
                    endpoint,
                    unavailable.getMessage());
            return false;
        }
        if (usable != null && usable.fingerprint().equals(fresh.fingerprint())) {
            fresh.close();
            setReady(true);
            LOG.infof("model server %s is back", endpoint);
        } else {
            adopt(fresh);
        }
        return true;
    }

    /** The replaced pipeline stays open until the next one is replaced: generations may still be drawing with it. */
    private void adopt(Pipeline fresh) {
        Pipeline unused = locked(() -> {
            if (closed) {
                return fresh;
            }
            Pipeline oldest = retired;
            retired = pipeline;
            pipeline = fresh;
            ready = true;
            watchers.forEach(watcher -> watcher.ready(endpoint, fresh.fingerprint()));
            return oldest;
        });
        if (unused != null) {
            unused.close();
        }
        if (unused != fresh) {
            LOG.infof("model server %s is ready, pipeline %s", endpoint, fresh.fingerprint());
            firstConnection.complete(null);
        }
    }

    private void setReady(boolean now) {
        locked(() -> {
            Pipeline serves = pipeline;
            boolean before = ready;
            ready = now && !closed;
            if (ready && !before && serves != null) {
                watchers.forEach(watcher -> watcher.ready(endpoint, serves.fingerprint()));
            } else if (before && !ready) {
                watchers.forEach(watcher -> watcher.away(endpoint));
            }
            return ready;
        });
    }

    private interface Reading<T extends @Nullable Object> {
        T read();
    }

    private <T extends @Nullable Object> T locked(Reading<T> reading) {
        lock.lock();
        try {
            return reading.read();
        } finally {
            lock.unlock();
        }
    }
}
