package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.topic.KafkaTrouble;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.Traceparent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This process in the group that shares out the partitions, on one thread that alone touches the consumer. Who is
 * assigned {@code submissions[p]} owns partition p.
 */
final class Membership implements ConsumerRebalanceListener {
    private static final Logger LOG = Logger.getLogger(Membership.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** How long a partition may take to come to rest before it goes to its next owner regardless. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final int TRACEPARENT = 55;
    private static final Duration LEAVE = Duration.ofSeconds(3);

    private final KafkaClients clients;
    private final Consumer<Event> events;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final Map<Integer, CountDownLatch> resting = new ConcurrentHashMap<>();
    private final Map<Integer, Long> delivering = new HashMap<>();
    private final Map<Integer, Long> positions = new HashMap<>();
    private final Set<Integer> assigned = new HashSet<>();
    private volatile boolean stopping;
    private volatile boolean joined;
    private org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;

    Membership(KafkaClients clients, Consumer<Event> events) {
        this.clients = clients;
        this.events = events;
        this.consumer = clients.member();
        this.thread = Thread.ofPlatform().name("wurstwerk-membership").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean joined() {
        return joined;
    }

    boolean alive() {
        return thread.isAlive();
    }

    /** From now on submissions of the partition are delivered, from the first that is not done with. */
    void deliver(int partition, long epoch) {
        orders.add(() -> {
            // An ownership that was given up while it opened may speak after the one that followed it.
            if (assigned.contains(partition) && delivering.getOrDefault(partition, 0L) < epoch) {
                delivering.put(partition, epoch);
                rewind(partition);
                consumer.resume(List.of(submissions(partition)));
            }
        });
    }

    void read(int partition, long epoch, boolean on) {
        orders.add(() -> {
            if (isCurrent(partition, epoch)) {
                if (on) {
                    consumer.resume(List.of(submissions(partition)));
                } else {
                    consumer.pause(List.of(submissions(partition)));
                }
            }
        });
    }

    void position(int partition, long epoch, long nextOffset) {
        orders.add(() -> {
            if (isCurrent(partition, epoch)) {
                positions.put(partition, nextOffset);
            }
        });
    }

    /** The engine has come to rest in the partition. */
    void closed(int partition) {
        CountDownLatch latch = resting.get(partition);
        if (latch != null) {
            latch.countDown();
        }
    }

    /** Leaves the group; the engine is asked to let go of every partition first. */
    void close() {
        stopping = true;
        if (thread.getState() == Thread.State.NEW) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            return;
        }
        consumer.wakeup();
        try {
            if (!thread.join(REST.plus(LEAVE))) {
                LOG.warn("the group could not be left in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            try {
                consumer.subscribe(List.of(Topic.SUBMISSIONS.topicName()), this);
                while (!stopping) {
                    obey();
                    consumer.poll(POLL).forEach(this::take);
                    commit();
                }
            } catch (org.apache.kafka.common.errors.WakeupException woken) {
                LOG.debug("woken to stop");
            } catch (KafkaException | IllegalStateException failure) {
                LOG.errorf("the group's consumer failed: %s; joining again", KafkaTrouble.words(failure));
                onPartitionsLost(assigned.stream().map(Membership::submissions).toList());
                replaceConsumer();
            }
        }
        leave();
    }

    private void obey() {
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
            order.run();
        }
    }

    private void take(ConsumerRecord<String, byte[]> found) {
        Long epoch = delivering.get(found.partition());
        if (epoch == null) {
            return;
        }
        Instant writtenAt = Instant.ofEpochMilli(found.timestamp());
        try {
            var submission = SubmissionJson.read(found.value() == null ? new byte[0] : found.value());
            events.accept(new Event.Submitted(
                    found.partition(), epoch, found.offset(), writtenAt, submission.traced(trace(found))));
        } catch (IllegalArgumentException foreign) {
            events.accept(new Event.Unintelligible(found.partition(), epoch, found.offset()));
        }
    }

    /** Only what intake writes is read: a place in a trace is 55 characters long. */
    private static @Nullable String trace(ConsumerRecord<String, byte[]> found) {
        Header header = found.headers().lastHeader(Traceparent.HEADER);
        return header == null || header.value() == null || header.value().length != TRACEPARENT
                ? null
                : new String(header.value(), StandardCharsets.US_ASCII);
    }

    private void commit() {
        if (positions.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = offsets(positions.keySet());
        positions.clear();
        consumer.commitAsync(offsets, (committed, failure) -> {
            if (failure != null) {
                LOG.debugf("positions are not committed: %s; submissions may be read again", failure.getMessage());
            }
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(Collection<Integer> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int partition : partitions) {
            Long position = positions.get(partition);
            if (position != null) {
                offsets.put(submissions(partition), new OffsetAndMetadata(position));
            }
        }
        return offsets;
    }

    private void rewind(int partition) {
        TopicPartition submissions = submissions(partition);
        OffsetAndMetadata committed = consumer.committed(Set.of(submissions)).get(submissions);
        if (committed == null) {
            consumer.seekToBeginning(List.of(submissions));
        } else {
            consumer.seek(submissions, committed);
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        joined = true;
        consumer.pause(partitions);
        for (TopicPartition partition : partitions) {
            assigned.add(partition.partition());
            events.accept(new Event.Assigned(partition.partition()));
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            resting.put(partition.partition(), new CountDownLatch(1));
            events.accept(new Event.Released(partition.partition()));
        }
        long end = System.nanoTime() + REST.toNanos();
        for (TopicPartition partition : partitions) {
            if (!await(partition.partition(), end)) {
                LOG.warnf("partition %d did not come to rest in time", partition.partition());
                events.accept(new Event.Lost(partition.partition()));
            }
        }
        obey();
        commitNow(partitions);
        partitions.forEach(partition -> forget(partition.partition()));
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            events.accept(new Event.Lost(partition.partition()));
            forget(partition.partition());
        }
    }

    private boolean await(int partition, long end) {
        CountDownLatch latch = resting.get(partition);
        try {
            return latch == null || latch.await(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void commitNow(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                offsets(partitions.stream().map(TopicPartition::partition).toList());
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets, LEAVE);
        } catch (KafkaException failure) {
            LOG.warnf("positions are not committed: %s; submissions will be read again", failure.getMessage());
        }
    }

    private void forget(int partition) {
        assigned.remove(partition);
        delivering.remove(partition);
        positions.remove(partition);
        resting.remove(partition);
    }

    private boolean isCurrent(int partition, long epoch) {
        return Long.valueOf(epoch).equals(delivering.get(partition));
    }

    private void replaceConsumer() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
        while (!stopping) {
            try {
                Thread.sleep(RETRY);
                consumer = clients.member();
                return;
            } catch (KafkaException wrong) {
                // Files of certificates may be half written just now.
                LOG.errorf("the group cannot be joined: %s; trying again", KafkaTrouble.words(wrong));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stopping = true;
            }
        }
    }

    private void leave() {
        joined = false;
        consumer.close(CloseOptions.timeout(LEAVE).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }

    private static TopicPartition submissions(int partition) {
        return new TopicPartition(Topic.SUBMISSIONS.topicName(), partition);
    }
}
