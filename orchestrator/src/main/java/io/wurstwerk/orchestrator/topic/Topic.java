package io.wurstwerk.orchestrator.topic;

import java.util.Locale;
import java.util.Map;

/** The topics of the public contract. */
public enum Topic {
    /** Prompt events, written by anyone who may ask for images. */
    PROMPTS,
    /** Submissions, keyed by job id: intake's word to the engine. */
    SUBMISSIONS,
    /** What users want of jobs that are under way, keyed by job id. */
    COMMANDS,
    /** The journal: the latest state of every job, keyed by job id. Compacted. */
    JOBS,
    /** How far the images of open jobs are, keyed by job id and image, in the job's partition. Compacted. */
    CHECKPOINTS,
    /** How far jobs are; best effort. */
    PROGRESS,
    /** One terminal event a job, keyed by job id. */
    IMAGES,
    /** Copies of what could not be worked off, for people to look at. */
    PARKED;

    private static final String FORTNIGHT = "1209600000";

    /** What the topic is made with; everything else is the broker's default. */
    Map<String, String> settings(TopicRules rules) {
        return switch (this) {
            case JOBS, CHECKPOINTS ->
                Map.of("cleanup.policy", "compact", "min.compaction.lag.ms", "60000", "segment.ms", "3600000");
            case SUBMISSIONS, PROMPTS -> kept(rules, "2097152");
            case PARKED -> Map.of("retention.ms", FORTNIGHT, "max.message.bytes", "2162688");
            case COMMANDS -> Map.of("cleanup.policy", "delete", "retention.ms", "86400000");
            case PROGRESS -> Map.of("retention.ms", "3600000");
            case IMAGES -> Map.of("cleanup.policy", "delete");
        };
    }

    private static Map<String, String> kept(TopicRules rules, String largest) {
        return Map.of(
                "cleanup.policy",
                "delete",
                "retention.ms",
                Long.toString(rules.kept().toMillis()),
                "segment.ms",
                Long.toString(rules.segment().toMillis()),
                "retention.bytes",
                "-1",
                "max.message.bytes",
                largest);
    }

    public String topicName() {
        return "wurstwerk." + name().toLowerCase(Locale.ROOT);
    }
}
