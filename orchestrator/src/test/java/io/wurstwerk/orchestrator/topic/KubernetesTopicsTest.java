package io.wurstwerk.orchestrator.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.config.WithDefault;
import io.wurstwerk.orchestrator.stack.Manifests;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The topics of the manifests are those that the code would make, copied as the promise wants it. */
class KubernetesTopicsTest {
    private static final TopicRules RULES = new TopicRules(Duration.ofDays(15), Duration.ofHours(24));

    @Test
    void topicsHaveTheSettingsOfTheCode() throws Exception {
        Map<String, Map<String, String>> declared = new TreeMap<>();
        for (JsonNode topic : topics()) {
            Map<String, String> settings = new TreeMap<>();
            topic.at("/spec/config")
                    .properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asText()));
            assertThat(settings.remove("min.insync.replicas")).isEqualTo("2");
            declared.put(topic.at("/metadata/name").textValue(), settings);
        }
        Map<String, Map<String, String>> made = new TreeMap<>();
        for (Topic topic : Topic.values()) {
            made.put(topic.topicName(), new TreeMap<>(topic.settings(RULES)));
        }
        assertThat(declared).isEqualTo(made);
    }

    @Test
    void topicsNeedNoWarning() throws Exception {
        for (JsonNode topic : topics()) {
            Map<String, String> settings = new TreeMap<>();
            topic.at("/spec/config")
                    .properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asText()));
            Topic known = Topic.valueOf(topic.at("/metadata/name")
                    .textValue()
                    .substring("wurstwerk.".length())
                    .toUpperCase(Locale.ROOT));
            RULES.check(known, settings);
            int replicas = topic.at("/spec/replicas").intValue();
            assertThat(RULES.warning(known, replicas, replicas, settings)).isEmpty();
        }
    }

    @Test
    void topicsHaveThePartitionsThatOrchestratorsLookFor() throws Exception {
        String shipped = KafkaConfig.class
                .getMethod("partitions")
                .getAnnotation(WithDefault.class)
                .value();
        assertThat(Manifests.settings("base/cell")).containsEntry("WURSTWERK_KAFKA_PARTITIONS", shipped);
        assertThat(topics())
                .allSatisfy(topic -> assertThat(topic.at("/spec/partitions")).hasToString(shipped));
    }

    private static List<JsonNode> topics() throws Exception {
        return Manifests.documents("base/shared/topics.yaml", "KafkaTopic");
    }
}
