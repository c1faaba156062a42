package io.wurstwerk.standalone.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Everything in the topic of results, as a reader of committed records sees it. */
final class AnswerBook implements AutoCloseable {
    private static final String IMAGES = "wurstwerk.images";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<String, byte[]> consumer;
    private final Predicate<String> kept;
    /** The source and id of every request that has an answer. */
    private final Set<String> answered = new HashSet<>();

    private final Map<String, JsonNode> answers = new HashMap<>();

    /** @param kept of which requests, by source and id, the answers themselves are wanted */
    AnswerBook(String kafka, Predicate<String> kept) {
        this.kept = kept;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(IMAGES).stream()
                .map(info -> new TopicPartition(IMAGES, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads what has come, for a while. */
    void read(Duration patience) throws Finding {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(patience)) {
            JsonNode data;
            try {
                data = JSON.readTree(record.value());
            } catch (IOException unreadable) {
                throw new Finding("an answer is no JSON: " + Junk.shown(record.value()));
            }
            String request = name(
                    data.at("/request/source").asText(), data.at("/request/id").asText());
            if (!answered.add(request)) {
                throw new Finding("two answers to " + request + "; the second: " + data);
            }
            if (kept.test(request)) {
                answers.put(request, data);
            }
        }
    }

    boolean hasAnswer(String request) {
        return answered.contains(request);
    }

    Optional<JsonNode> answer(String request) {
        return Optional.ofNullable(answers.get(request));
    }

    static String name(String source, String id) {
        return source + " " + id;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
