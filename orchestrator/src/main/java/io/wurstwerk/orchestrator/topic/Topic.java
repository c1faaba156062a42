package io.wurstwerk.orchestrator.topic;

import java.util.Locale;

/** The topics of the public contract. */
public enum Topic {
    /** Prompt events, written by anyone who may ask for images. */
    PROMPTS,
    /** Submissions, keyed by job id: intake's word to the engine. */
    SUBMISSIONS,
    /** How far jobs are; best effort. */
    PROGRESS,
    /** One terminal event a job, keyed by job id. */
    IMAGES;

    public String topicName() {
        return "wurstwerk." + name().toLowerCase(Locale.ROOT);
    }
}
