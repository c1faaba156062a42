package io.wurstwerk.orchestrator.studio;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.topic.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The watchers of this instance. Whoever draws the job may be elsewhere, so its owner is told by a {@code watch} command
 * at once and then again every few seconds. Thread-safe and bounded.
 */
public final class WatchSignals implements Watchers {
    /** How often {@link #repeat()} is to be called. */
    public static final Duration REPEATED = Duration.ofSeconds(5);

    private static final byte[] COMMAND = "{\"command\":\"watch\"}".getBytes(UTF_8);
    private static final int MOST = 10_000;

    private final Consumer<ProducerRecord<String, byte[]>> sink;
    private final Map<JobId, Integer> watchers = new HashMap<>();

    /** One watcher, until it is closed. */
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** @param sink takes records without waiting for anybody */
    public WatchSignals(Consumer<ProducerRecord<String, byte[]>> sink) {
        this.sink = sink;
    }

    /** Somebody watches from now on. With too many watched jobs nothing comes of it: there is progress, but no preview. */
    public Watch watch(JobId job) {
        synchronized (watchers) {
            Integer others = watchers.get(job);
            if (others == null && watchers.size() >= MOST) {
                return () -> {};
            }
            watchers.merge(job, 1, Integer::sum);
            if (others == null) {
                tell(job);
            }
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                leave(job);
            }
        };
    }

    /** Tells every owner again that its job is watched. */
    public void repeat() {
        List<JobId> watched;
        synchronized (watchers) {
            watched = List.copyOf(watchers.keySet());
        }
        watched.forEach(this::tell);
    }

    @Override
    public boolean watching(JobId job) {
        synchronized (watchers) {
            return watchers.containsKey(job);
        }
    }

    private void leave(JobId job) {
        synchronized (watchers) {
            watchers.computeIfPresent(job, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private void tell(JobId job) {
        sink.accept(new ProducerRecord<>(Topic.COMMANDS.topicName(), job.value(), COMMAND));
    }
}
