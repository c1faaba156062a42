package io.wurstwerk.orchestrator.topic;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Refuses settings of the intake's channels with which prompts can be lost. */
final class DurableSettings {
    private static final String PROMPTS = "mp.messaging.incoming.prompts.";
    private static final String SUBMISSIONS = "mp.messaging.outgoing.submissions.";

    private static final List<Rule> RULES = List.of(
            new Rule(
                    SUBMISSIONS + "acks",
                    Set.of("all", "-1"),
                    "all",
                    "a submission that only one broker has can be lost with it"),
            new Rule(
                    SUBMISSIONS + "enable.idempotence",
                    Set.of("true"),
                    "true",
                    "a submission that is sent again could overtake others"),
            new Rule(
                    PROMPTS + "auto.offset.reset",
                    Set.of("earliest"),
                    "earliest",
                    "prompts that were sent before the first start would be skipped"),
            new Rule(
                    PROMPTS + "isolation.level",
                    Set.of("read_committed"),
                    "read_committed",
                    "prompts of transactions that were taken back would be drawn"),
            new Rule(
                    PROMPTS + "commit-strategy",
                    Set.of("throttled"),
                    "throttled",
                    "every other strategy can pass over prompts that are still on their way"),
            new Rule(
                    PROMPTS + "failure-strategy",
                    Set.of("fail"),
                    "fail",
                    "every other strategy can pass over a prompt that could not be submitted"),
            new Rule(
                    PROMPTS + "enable.auto.commit",
                    Set.of("false"),
                    "false",
                    "positions would be committed before the prompts are submitted"));

    private record Rule(String key, Set<String> safe, String wanted, String why) {}

    private DurableSettings() {}

    /**
     * @param setting the configured value of a key
     * @throws TopicException naming the first setting that loses records
     */
    static void check(Function<String, Optional<String>> setting) {
        for (Rule rule : RULES) {
            Optional<String> value = setting.apply(rule.key());
            if (value.isPresent() && !rule.safe().contains(value.get().strip().toLowerCase(Locale.ROOT))) {
                throw new TopicException(
                        rule.key() + " is " + value.get() + ", but must be " + rule.wanted() + ": " + rule.why());
            }
        }
    }
}
