package io.wurstwerk.standalone.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What was asked for and what was answered, as a reader of committed records sees it. */
final class JobLedger implements AutoCloseable {
    private static final String IMAGES = "wurstwerk.images";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 29 * 2 + 12;

    /** @param images how many the job draws; every fifth job draws four */
    record Wish(String id, String prompt, long seed, int images) {}

    private final KafkaProducer<String, String> producer;
    private final KafkaConsumer<String, String> consumer;
    private final List<Wish> wishes = new ArrayList<>();
    private final Map<String, List<JsonNode>> answers = new HashMap<>();

    JobLedger(String kafka, int jobs) {
        for (int i = 0; i < jobs; i++) {
            String prompt = List.of(
                            "a red circle", "a large blue square", "a green star", "a black ring on a pink background")
                    .get(i % 4);
            wishes.add(new Wish("job-" + i, prompt, i, i % 5 == 4 ? 4 : 1));
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka, "acks", "all", "delivery.timeout.ms", 120_000),
                new StringSerializer(),
                new StringSerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(IMAGES).stream()
                .map(info -> new TopicPartition(IMAGES, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    void submit(int number) throws InterruptedException {
        Wish wish = wishes.get(number);
        var event = new ProducerRecord<>(
                "wurstwerk.prompts",
                wish.id(),
                JSON.createObjectNode()
                        .put("prompt", wish.prompt())
                        .put("seed", wish.seed())
                        .put("num_images_per_prompt", wish.images())
                        .toString());
        event.headers()
                .add("ce_specversion", "1.0".getBytes(StandardCharsets.UTF_8))
                .add("ce_id", wish.id().getBytes(StandardCharsets.UTF_8))
                .add("ce_source", "/faults".getBytes(StandardCharsets.UTF_8))
                .add("ce_type", "io.wurstwerk.image.requested.v1".getBytes(StandardCharsets.UTF_8));
        try {
            producer.send(event).get(120, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the broker did not take job " + number, e);
        }
    }

    void read(Duration duration) throws IOException {
        long end = System.nanoTime() + duration.toNanos();
        do {
            for (ConsumerRecord<String, String> answer : consumer.poll(Duration.ofMillis(100))) {
                JsonNode event = JSON.readTree(answer.value());
                answers.computeIfAbsent(event.path("request").path("id").asText(), id -> new ArrayList<>())
                        .add(event);
            }
        } while (System.nanoTime() < end);
    }

    int answered() {
        return answers.size();
    }

    int duplicated() {
        return (int) answers.values().stream().filter(all -> all.size() > 1).count();
    }

    List<Wish> wishes() {
        return wishes;
    }

    List<JsonNode> answers(Wish wish) {
        return answers.getOrDefault(wish.id(), List.of());
    }

    /** Rows that the models have to be asked for if nothing goes wrong. */
    long neededRows() {
        return wishes.stream().mapToLong(wish -> (long) wish.images() * ROWS).sum();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
        consumer.close();
    }
}
