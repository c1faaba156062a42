package io.wurstwerk.orchestrator.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.topic.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Holds what a broker has after a test to the document of the topics. */
public final class TopicContents {

    private static final JsonNode DOCUMENT = Schemas.read(Document.ASYNCAPI);

    private TopicContents() {}

    /**
     * Every record's key is one of its topic, and every event is one that the topic is said to carry.
     *
     * @param used topics of which there must be records, so that something is seen
     */
    public static void followTheContract(String bootstrapServers, Set<Topic> used) throws IOException {
        var seen = new TreeSet<Topic>();
        for (Topic topic : Topic.values()) {
            if (topic == Topic.PROMPTS) {
                continue; // written by others, and here on purpose not always well
            }
            String channel = "/channels/" + topic.name().toLowerCase(Locale.ROOT) + "/messages";
            List<JsonNode> messages = DOCUMENT.at(channel)
                    .valueStream()
                    .map(reference ->
                            DOCUMENT.at(reference.path("$ref").textValue().substring(1)))
                    .toList();
            for (ConsumerRecord<String, byte[]> found : records(bootstrapServers, topic)) {
                seen.add(topic);
                check(messages, found);
            }
        }
        assertThat(seen).containsAll(used);
    }

    private static void check(List<JsonNode> messages, ConsumerRecord<String, byte[]> found) throws IOException {
        ObjectNode headers = Schemas.JSON.createObjectNode();
        found.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        JsonNode message = messages.stream()
                .filter(candidate ->
                        messages.size() == 1 || candidate.path("name").equals(headers.path("ce_type")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no message of " + found.topic() + " is called "
                        + headers.path("ce_type").asText()));
        assertThat(Schemas.problems(message.at("/bindings/kafka/key"), Schemas.JSON.valueToTree(found.key())))
                .as(found.topic())
                .isEmpty();
        if (message.has("headers")) {
            assertThat(Schemas.problems(Schemas.expanded(message.path("headers"), DOCUMENT), headers))
                    .as(found.topic())
                    .isEmpty();
        } else {
            assertThat(headers).as(found.topic()).isEmpty();
        }
        JsonNode schema = message.at("/payload/schema/$ref");
        if (schema.isTextual()) {
            JsonNode data = Schemas.JSON.readTree(found.value());
            assertThat(Schemas.problems(Document.at(schema.textValue()).orElseThrow(), data))
                    .as(data.toString())
                    .isEmpty();
        }
    }

    private static List<ConsumerRecord<String, byte[]>> records(String bootstrapServers, Topic topic) {
        var found = new ArrayList<ConsumerRecord<String, byte[]>>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor(topic.topicName()).stream()
                    .map(partition -> new TopicPartition(topic.topicName(), partition.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
        }
        return found;
    }
}
