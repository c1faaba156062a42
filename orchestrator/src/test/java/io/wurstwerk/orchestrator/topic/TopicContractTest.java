package io.wurstwerk.orchestrator.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The topics that are made and the topics that are described, in both directions. */
class TopicContractTest {

    private final JsonNode document = Schemas.read(Document.ASYNCAPI);

    @Test
    void theTopicsThatAreMadeAreDescribedWithTheirSettingsAndNoOthers() {
        Map<String, Map<String, String>> made = new TreeMap<>();
        for (Topic topic : Topic.values()) {
            made.put(topic.topicName(), new TreeMap<>(topic.settings()));
        }
        Map<String, Map<String, String>> described = new TreeMap<>();
        for (Map.Entry<String, JsonNode> channel : document.path("channels").properties()) {
            JsonNode kafka = channel.getValue().at("/bindings/kafka");
            String address = channel.getValue().path("address").textValue();
            assertThat(kafka.path("topic").textValue()).isEqualTo(address).isEqualTo("wurstwerk." + channel.getKey());
            Map<String, String> settings = new TreeMap<>();
            kafka.path("topicConfiguration")
                    .properties()
                    .forEach(setting -> settings.put(setting.getKey(), text(setting.getValue())));
            described.put(address, settings);
        }
        assertThat(described).isEqualTo(made);
    }

    @Test
    void everyTopicHasMessagesAndEveryMessageAKeyAndATopic() {
        var used = new TreeSet<String>();
        for (Topic topic : Topic.values()) {
            JsonNode messages = document.at("/channels/" + topic.name().toLowerCase(Locale.ROOT) + "/messages");
            assertThat(messages.isEmpty()).as(topic.topicName()).isFalse();
            messages.forEach(message -> used.add(message.path("$ref").textValue()));
        }
        var defined = new TreeSet<String>();
        document.at("/components/messages").properties().forEach(message -> {
            defined.add("#/components/messages/" + message.getKey());
            assertThat(message.getValue().at("/bindings/kafka/key").has("description"))
                    .as(message.getKey())
                    .isTrue();
        });
        assertThat(used).isEqualTo(defined);
    }

    @Test
    void whatIsOpenToOthersHasAnOperationAndWhatIsInternalHasNone() {
        Set<String> operated = document.path("operations")
                .valueStream()
                .map(operation -> operation.at("/channel/$ref").textValue())
                .collect(Collectors.toSet());
        assertThat(Arrays.stream(Topic.values())
                        .map(topic -> topic.name().toLowerCase(Locale.ROOT))
                        .filter(name -> !document.at("/channels/" + name + "/title")
                                .textValue()
                                .endsWith("(internal)"))
                        .map(name -> "#/channels/" + name))
                .containsExactlyInAnyOrderElementsOf(operated);
    }

    private static String text(JsonNode value) {
        return value.isArray()
                ? value.valueStream().map(JsonNode::asText).collect(Collectors.joining(","))
                : value.asText();
    }
}
