package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.topic.KafkaTrouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Submits a prompt event and reads what becomes of it: a plain Kafka client, as any other program would be one. */
final class JobClient implements Desk, AutoCloseable {
    private static final String IMAGES = "wurstwerk.images";
    private static final String PROGRESS = "wurstwerk.progress";
    private static final Duration KAFKA_LIMIT = Duration.ofSeconds(15);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String bootstrapServers;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;

    private JobClient(
            String bootstrapServers, KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer) {
        this.bootstrapServers = bootstrapServers;
        this.consumer = consumer;
        this.producer = producer;
    }

    /** As {@link #connect(String, Map)}, over open connections. */
    static JobClient connect(String bootstrapServers) {
        return connect(bootstrapServers, Map.of());
    }

    /**
     * Connects and looks for the topics.
     *
     * @param security how to reach the brokers, by the names of Kafka's own client properties
     * @throws IllegalStateException when no Wurstwerk listens there
     */
    static JobClient connect(String bootstrapServers, Map<String, Object> security) {
        int limit = (int) KAFKA_LIMIT.toMillis();
        Map<String, Object> reading = new HashMap<>(security);
        reading.put("bootstrap.servers", bootstrapServers);
        reading.put("isolation.level", "read_committed");
        reading.put("enable.auto.commit", false);
        reading.put("allow.auto.create.topics", false);
        reading.put("default.api.timeout.ms", limit);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Map<String, Object> writing = new HashMap<>(security);
        writing.put("bootstrap.servers", bootstrapServers);
        writing.put("acks", "all");
        writing.put("max.block.ms", limit);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
        JobClient client = new JobClient(bootstrapServers, consumer, producer);
        try {
            client.seekToEnd();
            return client;
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /**
     * Publishes the event and waits for the job's terminal event.
     *
     * @throws IllegalStateException when the broker does not take the event, or the job has not ended after {@code limit}
     */
    Outcome submit(PromptEvent event, Progress progress, Duration limit) throws InterruptedException, IOException {
        long end = System.nanoTime() + limit.toNanos();
        String jobId = submit(event);
        while (System.nanoTime() < end) {
            for (News news : news(Set.of(jobId))) {
                switch (news) {
                    case News.Step step -> progress.show(step.event());
                    case News.End(Outcome outcome) -> {
                        return outcome;
                    }
                }
            }
        }
        throw new IllegalStateException(
                "job " + jobId + " has not ended after " + limit.toSeconds() + " s; it goes on: see topic " + IMAGES);
    }

    @Override
    public String submit(PromptEvent event) throws InterruptedException {
        try {
            producer.send(event.toRecord()).get(KAFKA_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka at " + bootstrapServers + " did not take the prompt event", e);
        }
        return JobId.of(new Origin(Origin.DEFAULT_TENANT, event.source(), event.id()))
                .value();
    }

    @Override
    public List<News> news(Set<String> jobs) throws IOException {
        List<News> news = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(100))) {
            String jobId = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
            if (jobs.contains(jobId)) {
                JsonNode event = JSON.readTree(message.value());
                news.add(
                        message.topic().equals(PROGRESS)
                                ? new News.Step(jobId, event)
                                : new News.End(Outcome.of(jobId, event)));
            }
        }
        return news;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
        consumer.close();
    }

    /** Places the consumer behind everything that is there, before the prompt is published. */
    private void seekToEnd() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : List.of(IMAGES, PROGRESS)) {
            for (PartitionInfo info : partitionsOf(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    private List<PartitionInfo> partitionsOf(String topic) {
        List<PartitionInfo> found;
        try {
            found = consumer.partitionsFor(topic, KAFKA_LIMIT);
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            throw new IllegalStateException(
                    "no Kafka answers at " + bootstrapServers + " within " + KAFKA_LIMIT.toSeconds() + " s", e);
        } catch (AuthenticationException e) {
            throw new IllegalStateException("Kafka at " + bootstrapServers
                    + " cannot be used: check the file of --kafka-config: " + KafkaTrouble.words(e));
        }
        if (found == null || found.isEmpty()) {
            throw new IllegalStateException("the Kafka at " + bootstrapServers + " has no topic " + topic
                    + ": does a Wurstwerk orchestrator run there?");
        }
        return found;
    }
}
