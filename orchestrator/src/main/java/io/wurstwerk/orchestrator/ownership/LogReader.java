package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads single submissions again. Thread-safe; one reading at a time. */
final class LogReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Consumer<String, byte[]> consumer;
    private final ReentrantLock lock = new ReentrantLock();

    LogReader(Consumer<String, byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * The value at an offset; empty when the log does not hold it any more.
     *
     * @throws org.apache.kafka.common.KafkaException when the broker does not answer in time
     */
    Optional<byte[]> bytes(int partition, long offset) {
        TopicPartition submissions = new TopicPartition(Topic.SUBMISSIONS.topicName(), partition);
        lock.lock();
        try {
            consumer.assign(List.of(submissions));
            consumer.seek(submissions, offset);
            long end = System.nanoTime() + LIMIT.toNanos();
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> found : consumer.poll(Duration.ofMillis(100))) {
                    return found.offset() == offset ? Optional.ofNullable(found.value()) : Optional.empty();
                }
                if (consumer.position(submissions) > offset) {
                    return Optional.empty();
                }
            }
            throw new TimeoutException("submission " + offset + " of partition " + partition + " cannot be read now");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            consumer.close();
        } finally {
            lock.unlock();
        }
    }
}
