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
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    @Order(4)
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
