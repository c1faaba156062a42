package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A stranger that reads everything a topic holds with a plain Kafka client. */
public final class Answers implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<String, byte[]> consumer;
    private final List<Answer> seen = new ArrayList<>();

    /** One event: its key, its data and its attributes. */
    public record Answer(String key, JsonNode data, Map<String, String> headers) {
        public String state() {
            return data.path("state").textValue();
        }
    }

    public Answers(String bootstrapServers, String topic, int partitions) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(topic, i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    /** The first event that is wanted, waited for. */
    public Answer await(Predicate<Answer> wanted) throws Exception {
        long limit = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            for (Answer answer : seen) {
                if (wanted.test(answer)) {
                    return answer;
                }
            }
            if (System.nanoTime() > limit) {
                throw new AssertionError("no such event in " + LIMIT + "; seen: "
                        + seen.stream().map(Answer::data).toList());
            }
            poll(Duration.ofMillis(200));
        }
    }

    /** The answer to the event with this CloudEvents id. */
    public Answer to(String id) throws Exception {
        return await(answer -> answer.data().at("/request/id").asText().equals(id));
    }

    /** Everything there is up to now. */
    public List<Answer> all() throws Exception {
        for (int before = -1; before < seen.size(); ) {
            before = seen.size();
            poll(Duration.ofMillis(500));
        }
        return List.copyOf(seen);
    }

    private void poll(Duration patience) throws Exception {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(patience)) {
            var headers = new java.util.TreeMap<String, String>();
            for (Header header : record.headers()) {
                headers.put(header.key(), new String(header.value(), UTF_8));
            }
            seen.add(new Answer(record.key(), JSON.readTree(record.value()), headers));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
