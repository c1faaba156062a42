package io.wurstwerk.orchestrator.topic;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which settings of a topic that exists already keep the promise. Pure. */
final class TopicRules {
    private static final String POLICY = "cleanup.policy";
    private static final String RETENTION = "retention.ms";
    private static final String SIZE = "retention.bytes";
    private static final String IN_SYNC = "min.insync.replicas";
    private static final String COMPACT = "compact";
    private static final String DELETE = "delete";

    private static final String SEGMENT = "segment.ms";
    private static final Duration FORTNIGHT = Duration.ofDays(14);
    private static final Duration LONGEST_SEGMENT = Duration.ofDays(1);

    private final Duration remembered;
    private final Duration patience;

    /**
     * @param remembered how long the answer to a job is remembered
     * @param patience how long a job may wait at most for its answer
     */
    TopicRules(Duration remembered, Duration patience) {
        this.remembered = remembered;
        this.patience = patience;
        if (kept().compareTo(patience) < 0) {
            throw new TopicException("wurstwerk.engine.retention is " + remembered
                    + ", too short for jobs that may wait "
                    + patience + " (wurstwerk.intake.default-deadline): prompts and submissions are kept for " + kept()
                    + " then, and would be lost while jobs wait");
        }
    }

    /** How long a file of records is written to: its oldest record goes with its newest, so late by as much. */
    Duration segment() {
        Duration share = remembered.dividedBy(15);
        return share.compareTo(LONGEST_SEGMENT) < 0 ? share : LONGEST_SEGMENT;
    }

    /** How long prompts and submissions are kept, so that none can be read again when its answer is forgotten. */
    Duration kept() {
        Duration longest = remembered.minus(segment());
        return longest.compareTo(FORTNIGHT) < 0 ? longest : FORTNIGHT;
    }

    /**
     * @param settings of the topic as the broker tells them, defaults included
     * @throws TopicException when records would be lost or jobs drawn twice
     */
    void check(Topic topic, Map<String, String> settings) {
        Set<String> policy = Arrays.stream(settings.getOrDefault(POLICY, DELETE).split(","))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .collect(Collectors.toSet());
        switch (topic) {
            case JOBS -> only(topic, policy, COMPACT, "jobs that have no answer yet would be forgotten");
            case CHECKPOINTS -> only(topic, policy, COMPACT, "images that rest for long would begin anew");
            case PROMPTS -> {
                only(topic, policy, DELETE, "of several prompts with one key only the last would be drawn");
                kept(topic, settings);
            }
            case SUBMISSIONS -> {
                only(topic, policy, DELETE, "the order of a job that was sent twice would be gone before it is drawn");
                kept(topic, settings);
            }
            case COMMANDS ->
                only(topic, policy, DELETE, "of several commands to one job only the last would be obeyed");
            case IMAGES -> {
                if (!policy.contains(DELETE)) {
                    refuse(topic, POLICY, COMPACT, DELETE, "answers would be kept for ever");
                }
            }
            case PROGRESS, PARKED -> {
                // Nothing is built on them.
            }
        }
    }

    private static void only(Topic topic, Set<String> policy, String wanted, String why) {
        if (!policy.equals(Set.of(wanted))) {
            refuse(topic, POLICY, policy.stream().sorted().collect(Collectors.joining(",")), wanted, why);
        }
    }

    private void kept(Topic topic, Map<String, String> settings) {
        long kept = Long.parseLong(settings.getOrDefault(RETENTION, "-1"));
        if (kept < 0 || kept > remembered.toMillis()) {
            throw new TopicException("topic " + topic.topicName() + " keeps records "
                    + (kept < 0 ? "for ever" : "for " + Duration.ofMillis(kept))
                    + " (" + RETENTION + " is " + kept + "), but answers are remembered for " + remembered
                    + " (wurstwerk.engine.retention): what is read again after that would be drawn and answered twice."
                    + " Set " + RETENTION + " to at most " + remembered.toMillis()
                    + ", or wurstwerk.engine.retention to what the topic keeps or more");
        }
        if (kept < patience.toMillis()) {
            throw new TopicException("topic " + topic.topicName() + " keeps records for " + Duration.ofMillis(kept)
                    + " (" + RETENTION + " is " + kept + "), but jobs may wait for " + patience
                    + " (wurstwerk.intake.default-deadline): they would be lost while they wait. Set " + RETENTION
                    + " to at least " + patience.toMillis() + ", or wurstwerk.intake.default-deadline to less");
        }
        String size = settings.getOrDefault(SIZE, "-1");
        if (!size.equals("-1")) {
            refuse(topic, SIZE, size, "-1", "many jobs at once would push out those that wait");
        }
    }

    private static void refuse(Topic topic, String name, String found, String wanted, String why) {
        throw new TopicException("topic " + topic.topicName() + " has " + name + " " + found + ", but must have "
                + wanted + ": " + why + ". Set it with kafka-configs.sh --alter --topic " + topic.topicName()
                + " --add-config " + name + "=" + wanted);
    }

    /**
     * What a topic is made with. Brokers count a record as written when one of them has it, unless they are told
     * otherwise: where there are replicas enough for one to be away, two must have it.
     *
     * @param replicas that are asked for; -1 when it is the brokers' choice
     */
    Map<String, String> made(Topic topic, int replicas) {
        Map<String, String> settings = new HashMap<>(topic.settings(this));
        if (replicas > 2) {
            settings.put(IN_SYNC, "2");
        }
        return Map.copyOf(settings);
    }

    /**
     * What keeps the promise less well than it might; empty when all is well or it does not matter for this topic.
     *
     * @param brokers that there are
     */
    Optional<String> warning(Topic topic, int replicas, int brokers, Map<String, String> settings) {
        if (List.of(Topic.PROGRESS, Topic.PARKED).contains(topic)) {
            return Optional.empty();
        }
        int inSync = Integer.parseInt(settings.getOrDefault(IN_SYNC, "1"));
        String found = "topic " + topic.topicName() + " has " + replicas + " replicas and " + IN_SYNC + " " + inSync;
        if (replicas == 1 && brokers > 2) {
            return Optional.of(found + ", though there are " + brokers
                    + " brokers: while its broker is away nothing can"
                    + " be written or read, and what is lost with it is lost. Make its replicas 3 and set " + IN_SYNC
                    + " to 2; wurstwerk.kafka.replication-factor=3 does so for topics that are not there yet");
        }
        if (inSync > replicas) {
            return Optional.of(found + ": nothing can be written to it. Set " + IN_SYNC + " to less than its replicas");
        }
        if (replicas > 1 && inSync == 1) {
            return Optional.of(found + ": what only one broker has counts as written, and is lost with it. Set "
                    + IN_SYNC + " to " + Math.max(2, replicas - 1) + (replicas < 3 ? " and make 3 replicas" : ""));
        }
        if (replicas > 1 && inSync == replicas) {
            return Optional.of(found + ": nothing can be written to it while one broker is away. Set " + IN_SYNC
                    + " to less than its replicas");
        }
        long kept = Long.parseLong(settings.getOrDefault(RETENTION, "-1"));
        long segment = Long.parseLong(settings.getOrDefault(SEGMENT, "0"));
        if (List.of(Topic.PROMPTS, Topic.SUBMISSIONS).contains(topic) && kept + segment > remembered.toMillis()) {
            return Optional.of("topic " + topic.topicName() + " has " + RETENTION + " " + kept + " and " + SEGMENT + " "
                    + segment + ": a record may stay for both together, which is longer than answers are remembered ("
                    + remembered + ", wurstwerk.engine.retention). Set " + SEGMENT + " to "
                    + Math.max(1, remembered.toMillis() - kept) + " or less");
        }
        return Optional.empty();
    }
}
