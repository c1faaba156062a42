package io.wurstwerk.orchestrator.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TopicsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static EmbeddedKafka kafka;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        kafka = new EmbeddedKafka(folder.resolve("kafka"));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    @Order(1)
    void missingTopicsAreRefusedByNameWhenTheyMayNotBeMade() throws Exception {
        assertThatThrownBy(() -> new Topics(admin, 3, (short) -1, false).ensure(LIMIT))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("topics [wurstwerk.prompts, wurstwerk.submissions, wurstwerk.commands,"
                        + " wurstwerk.jobs, wurstwerk.checkpoints, wurstwerk.progress, wurstwerk.images,"
                        + " wurstwerk.parked] are missing and wurstwerk.kafka.create-topics is false");
        assertThat(admin.listTopics().names().get()).isEmpty();
    }

    @Test
    @Order(2)
    void missingTopicsAreMadeAndThenBothSettingsAreContent() throws Exception {
        new Topics(admin, 3, (short) -1).ensure(LIMIT);
        new Topics(admin, 3, (short) -1).ensure(LIMIT);
        new Topics(admin, 3, (short) -1, false).ensure(LIMIT);
        assertThat(admin.listTopics().names().get()).hasSize(8);
    }

    @Test
    @Order(3)
    void topicsOfAnotherPartitionCountAreRefusedByName() {
        assertThatThrownBy(() -> new Topics(admin, 4, (short) -1).ensure(LIMIT))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("has 3 partitions, but wurstwerk.kafka.partitions is 4: set it to 3");
    }

    @ParameterizedTest
    @Order(4)
    @CsvSource(delimiter = '|', textBlock = """
                    jobs        | cleanup.policy  | delete         | has cleanup.policy delete, but must have compact
                    jobs        | cleanup.policy  | compact,delete | has cleanup.policy compact,delete, but must have compact
                    checkpoints | cleanup.policy  | delete         | has cleanup.policy delete, but must have compact
                    prompts     | cleanup.policy  | compact        | has cleanup.policy compact, but must have delete
                    submissions | cleanup.policy  | compact,delete | has cleanup.policy compact,delete, but must have delete
                    commands    | cleanup.policy  | compact        | has cleanup.policy compact, but must have delete
                    images      | cleanup.policy  | compact        | has cleanup.policy compact, but must have delete
                    prompts     | retention.ms    | -1             | keeps records for ever (retention.ms is -1), but answers
                    prompts     | retention.ms    | 1296000001     | keeps records for PT360H0.001S (retention.ms is 129600
                    submissions | retention.ms    | 2592000000     | keeps records for PT720H (retention.ms is 2592000000)
                    submissions | retention.ms    | 3600000        | keeps records for PT1H (retention.ms is 3600000), but jobs
                    prompts     | retention.bytes | 1000000        | has retention.bytes 1000000, but must have -1
                    """)
    void aSettingThatLosesRecordsOrDrawsJobsTwiceIsRefusedByNameUntilItIsPutRight(
            String topic, String setting, String value, String told) throws Exception {
        String right = setting(topic, setting);
        set(topic, setting, value);
        assertThatThrownBy(() -> new Topics(admin, 3, (short) -1).ensure(LIMIT))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("topic wurstwerk." + topic + " " + told)
                .hasMessageContaining("Set ");
        set(topic, setting, right);
        assertThat(new Topics(admin, 3, (short) -1).ensure(LIMIT)).isEmpty();
    }

    @Test
    @Order(5)
    void imagesMayBeCompactedBesidesAndReplicasThatCannotBeAreWarnedOf() throws Exception {
        set("images", "cleanup.policy", "compact,delete");
        set("submissions", "min.insync.replicas", "2");
        assertThat(new Topics(admin, 3, (short) -1).ensure(LIMIT))
                .containsExactly("topic wurstwerk.submissions has 1 replicas and min.insync.replicas 2: nothing can be"
                        + " written to it. Set min.insync.replicas to less than its replicas");
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, "wurstwerk." + topic);
    }

    private static String setting(String topic, String name) throws Exception {
        return admin.describeConfigs(List.of(resource(topic)))
                .all()
                .get()
                .get(resource(topic))
                .get(name)
                .value();
    }

    private static void set(String topic, String name, String value) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource(topic), List.of(change)))
                .all()
                .get();
        // The controller has the change, and the broker that is asked hears of it a moment later.
        while (!setting(topic, name).equals(value)) {
            Thread.onSpinWait();
        }
    }

    @Test
    @Order(6)
    void oneTopicOfAnotherCountAmongTheCoPartitionedIsEnoughToBeRefused() throws Exception {
        admin.deleteTopics(List.of("wurstwerk.checkpoints")).all().get();
        while (admin.listTopics().names().get().contains("wurstwerk.checkpoints")) {
            Thread.onSpinWait();
        }
        admin.createTopics(List.of(new NewTopic("wurstwerk.checkpoints", Optional.of(6), Optional.empty())))
                .all()
                .get();
        assertThatThrownBy(() -> new Topics(admin, 3, (short) -1).ensure(LIMIT))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("topic wurstwerk.checkpoints has 6 partitions");
    }
}
