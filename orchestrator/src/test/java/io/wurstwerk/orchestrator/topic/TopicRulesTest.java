package io.wurstwerk.orchestrator.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TopicRulesTest {
    private static final TopicRules RULES = new TopicRules(Duration.ofDays(15), Duration.ofDays(1));

    @ParameterizedTest
    @EnumSource(Topic.class)
    void whatATopicIsMadeWithIsAllowedAndNeedsNoWarning(Topic topic) {
        for (int days : new int[] {2, 14, 15, 60}) {
            TopicRules rules = new TopicRules(Duration.ofDays(days), Duration.ofDays(1));
            rules.check(topic, topic.settings(rules));
            assertThat(rules.warning(topic, 1, 1, topic.settings(rules))).isEmpty();
        }
    }

    @Test
    void anAnswerThatIsForgottenBeforeAJobHasToBeDoneIsRefused() {
        assertThatThrownBy(() -> new TopicRules(Duration.ofHours(25), Duration.ofDays(1)))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("wurstwerk.engine.retention is PT25H, too short for jobs that may wait PT24H");
    }

    @Test
    void replicasThatCannotKeepThePromiseAreWarnedOfByTopic() {
        assertThat(warning(3, 2)).isEmpty();
        assertThat(warning(1, 1)).isEmpty();
        assertThat(warning(3, 1))
                .startsWith("topic wurstwerk.jobs has 3 replicas and min.insync.replicas 1: what only one broker has")
                .endsWith("Set min.insync.replicas to 2");
        assertThat(warning(2, 1)).endsWith("Set min.insync.replicas to 2 and make 3 replicas");
        assertThat(warning(3, 3)).contains("nothing can be written to it while one broker is away");
        assertThat(warning(1, 2)).contains("has 1 replicas and min.insync.replicas 2: nothing can be written to it");
        assertThat(RULES.warning(Topic.PROGRESS, 3, 3, Map.of("min.insync.replicas", "1")))
                .isEmpty();
    }

    @Test
    void aTopicOnOneOfSeveralBrokersIsWarnedOf() {
        var settings = Map.of("min.insync.replicas", "1");
        assertThat(RULES.warning(Topic.JOBS, 1, 2, settings)).isEmpty();
        assertThat(RULES.warning(Topic.JOBS, 1, 3, settings).orElseThrow())
                .startsWith(
                        "topic wurstwerk.jobs has 1 replicas and min.insync.replicas 1, though there are 3 brokers:")
                .endsWith("wurstwerk.kafka.replication-factor=3 does so for topics that are not there yet");
        assertThat(RULES.warning(Topic.PARKED, 1, 3, settings)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void whereOneOfThreeReplicasMayBeAwayTwoMustHaveARecord(Topic topic) {
        assertThat(RULES.made(topic, 3))
                .containsEntry("min.insync.replicas", "2")
                .containsAllEntriesOf(topic.settings(RULES));
        assertThat(RULES.made(topic, 2)).isEqualTo(topic.settings(RULES));
        assertThat(RULES.made(topic, -1)).isEqualTo(topic.settings(RULES));
    }

    @Test
    void aFileOfRecordsThatIsWrittenToForLongIsWarnedOf() {
        var settings = Map.of("retention.ms", "1209600000", "segment.ms", "604800000");
        RULES.check(Topic.PROMPTS, Map.of("retention.ms", "1209600000", "segment.ms", "604800000"));
        assertThat(RULES.warning(Topic.PROMPTS, 1, 1, settings).orElseThrow())
                .startsWith("topic wurstwerk.prompts has retention.ms 1209600000 and segment.ms 604800000")
                .endsWith("Set segment.ms to 86400000 or less");
    }

    private static String warning(int replicas, int inSync) {
        return RULES.warning(
                        Topic.JOBS,
                        replicas,
                        Math.max(2, replicas),
                        Map.of("min.insync.replicas", Integer.toString(inSync)))
                .orElse("");
    }
}
