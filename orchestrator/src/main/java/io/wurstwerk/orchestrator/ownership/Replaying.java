package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Journal;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads journal and checkpoints of a partition to their end. */
final class Replaying {
    private static final Duration POLL = Duration.ofMillis(200);
    /** A journal that does not move for so long counts as unreachable. */
    private static final Duration STANDSTILL = Duration.ofSeconds(15);

    private Replaying() {}

    /** @throws org.apache.kafka.common.KafkaException when the broker does not answer */
    static Event.Opened of(KafkaClients clients, int partition, long epoch) {
        Journal journal = new Journal();
        List<Event.Raw> checkpoints = new ArrayList<>();
        TopicPartition jobs = new TopicPartition(Topic.JOBS.topicName(), partition);
        TopicPartition latents = new TopicPartition(Topic.CHECKPOINTS.topicName(), partition);
        try (Consumer<String, byte[]> consumer = clients.reader(500)) {
            List<TopicPartition> both = List.of(jobs, latents);
            consumer.assign(both);
            consumer.seekToBeginning(both);
            Map<TopicPartition, Long> ends = consumer.endOffsets(both);
            long moved = System.nanoTime();
            while (both.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                var records = consumer.poll(POLL);
                for (ConsumerRecord<String, byte[]> found : records) {
                    take(found, journal, checkpoints);
                }
                if (!records.isEmpty()) {
                    moved = System.nanoTime();
                } else if (System.nanoTime() - moved > STANDSTILL.toNanos()) {
                    throw new TimeoutException("the journal of partition " + partition + " cannot be read to its end");
                }
            }
        }
        return new Event.Opened(partition, epoch, journal, checkpoints);
    }

    private static void take(ConsumerRecord<String, byte[]> found, Journal journal, List<Event.Raw> checkpoints) {
        if (found.topic().equals(Topic.CHECKPOINTS.topicName())) {
            if (found.value() == null) {
                checkpoints.removeIf(raw -> raw.key().equals(found.key()));
            } else {
                checkpoints.add(new Event.Raw(found.key(), found.value()));
            }
            return;
        }
        JobId job = new JobId(found.key());
        journal.take(job, found.value() == null ? null : JournalJson.read(job, found.value()));
    }
}
