package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Engine.Ownership;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Feeds the engine from the submissions topic, on one thread that alone touches the consumer. Commits only what is
 * finished; stops reading while the engine is full; a partition that is taken away takes its open jobs along.
 */
final class SubmissionLoop implements Runnable {

    private static final Logger LOG = Logger.getLogger(SubmissionLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LAST_WORDS = Duration.ofMillis(700);

    private final Supplier<Consumer<String, byte[]>> consumers;
    private final Engine engine;
    private final EngineMetrics metrics;
    private final Backoff backoff;
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    private final ConcurrentLinkedQueue<Runnable> finished = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;
    private volatile boolean joined;
    private volatile @Nullable Consumer<String, byte[]> current;

    SubmissionLoop(
            Supplier<Consumer<String, byte[]>> consumers, Engine engine, EngineMetrics metrics, Backoff backoff) {
        this.consumers = consumers;
        this.engine = engine;
        this.metrics = metrics;
        this.backoff = backoff;
    }

    /** Whether this process is a member of the group. */
    boolean joined() {
        return joined;
    }

    /** Asks the loop to end; may be called from any thread. */
    void stop() {
        stopping = true;
        Consumer<String, byte[]> consumer = current;
        if (consumer != null) {
            consumer.wakeup();
        }
    }

    @Override
    public void run() {
        for (int failures = 1; !stopping; failures++) {
            try (Membership membership = new Membership()) {
                membership.follow();
            } catch (WakeupException woken) {
                LOG.debug("the engine's consumer was woken");
            } catch (KafkaException | IllegalStateException failure) {
                LOG.errorf("the engine's consumer failed: %s; starting another one", failure);
            }
            try {
                Thread.sleep(stopping ? Duration.ZERO : backoff.afterFailures(failures));
            } catch (InterruptedException interrupted) {
                return;
            }
        }
    }

    /** A partition owned now: what was read from it and is not finished. */
    private final class Partition {
        final OffsetLedger offsets = new OffsetLedger();
        final Map<Long, Ownership> jobs = new HashMap<>();

        void take(ConsumerRecord<String, byte[]> record) {
            long offset = record.offset();
            offsets.began(offset);
            Submission submission;
            try {
                submission = SubmissionJson.read(record.value() == null ? new byte[0] : record.value());
            } catch (IllegalArgumentException unreadable) {
                metrics.unreadable();
                LOG.errorf(
                        "%s-%d@%d is skipped: %s", record.topic(), record.partition(), offset, unreadable.getMessage());
                offsets.finished(offset);
                return;
            }
            engine.submit(submission, () -> finished.add(() -> finish(offset)))
                    .ifPresent(ownership -> jobs.put(offset, ownership));
        }

        private void finish(long offset) {
            offsets.finished(offset);
            jobs.remove(offset);
        }

        void abandon() {
            jobs.values().forEach(Ownership::abandon);
        }
    }

    /** One consumer's life. */
    private final class Membership implements AutoCloseable, ConsumerRebalanceListener {
        private final Consumer<String, byte[]> consumer = consumers.get();
        private boolean paused;

        void follow() {
            current = consumer;
            consumer.subscribe(List.of(Topic.SUBMISSIONS.topicName()), this);
            while (!stopping) {
                restrain();
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    Partition partition = partitions.get(new TopicPartition(record.topic(), record.partition()));
                    if (partition != null) {
                        partition.take(record);
                    }
                }
                settle();
                commit();
            }
        }

        private void restrain() {
            if (engine.full()) {
                consumer.pause(consumer.assignment());
                paused = true;
            } else if (paused) {
                consumer.resume(consumer.assignment());
                paused = false;
            }
        }

        private void settle() {
            for (Runnable done = finished.poll(); done != null; done = finished.poll()) {
                done.run();
            }
        }

        private void commit() {
            Map<TopicPartition, OffsetAndMetadata> positions = committable(partitions.keySet());
            if (!positions.isEmpty()) {
                consumer.commitAsync(positions, (committed, failure) -> {
                    if (failure != null) {
                        LOG.warnf("cannot commit now: %s; the next commit includes it", failure.getMessage());
                        return;
                    }
                    committed(committed);
                });
            }
        }

        private void commitNow(Collection<TopicPartition> owned) {
            settle();
            Map<TopicPartition, OffsetAndMetadata> positions = committable(owned);
            if (positions.isEmpty()) {
                return;
            }
            try {
                consumer.commitSync(positions, LAST_WORDS);
                committed(positions);
            } catch (KafkaException failure) {
                LOG.warnf("cannot commit before leaving: %s; finished jobs will be read again", failure.getMessage());
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            assigned.forEach(partition -> partitions.put(partition, new Partition()));
            joined = true;
            LOG.debugf("the engine owns %d partitions", partitions.size());
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            commitNow(revoked);
            drop(revoked);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            joined = false;
            drop(lost);
        }

        private void drop(Collection<TopicPartition> gone) {
            for (TopicPartition partition : gone) {
                Partition owned = partitions.remove(partition);
                if (owned != null) {
                    owned.abandon();
                }
            }
        }

        @Override
        public void close() {
            joined = false;
            List<TopicPartition> owned = List.copyOf(partitions.keySet());
            current = null;
            try {
                endJobs();
                commitNow(owned);
            } finally {
                drop(owned);
                consumer.close(CloseOptions.timeout(LAST_WORDS)
                        .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
            }
        }

        private void endJobs() {
            try {
                engine.stop(stopping ? LAST_WORDS : Duration.ZERO);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> owned) {
        var positions = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (TopicPartition partition : owned) {
            Partition state = partitions.get(partition);
            if (state != null) {
                state.offsets
                        .committable()
                        .ifPresent(position -> positions.put(partition, new OffsetAndMetadata(position)));
            }
        }
        return positions;
    }

    private void committed(Map<TopicPartition, OffsetAndMetadata> positions) {
        positions.forEach((partition, position) -> {
            Partition state = partitions.get(partition);
            if (state != null) {
                state.offsets.committed(position.offset());
            }
        });
    }
}
