package io.wurstwerk.orchestrator.engine;

import java.time.Duration;

/**
 * The bounds and rhythms of an engine.
 *
 * @param slots images worked on at once
 * @param openJobs jobs held in the index; beyond it, submissions wait in Kafka
 * @param checkpointSteps Stage C steps between two checkpoints; the end of Stage C is one in any case
 * @param ageing after which waiting lifts a job by one priority
 * @param firstRetry pause after the first failure of a dependency
 * @param longestRetry longest pause between two tries of a dependency
 * @param retention how long an answered job is remembered
 * @param answers jobs of one partition, open or answered, of which the process knows at once; beyond it, submissions
 *     wait in Kafka
 * @param unseenCancels cancels of jobs that were not seen yet
 */
public record EngineSettings(
        int slots,
        int openJobs,
        int checkpointSteps,
        Duration ageing,
        Duration firstRetry,
        Duration longestRetry,
        Duration retention,
        int answers,
        int unseenCancels) {

    public EngineSettings {
        if (slots < 1 || openJobs < 1 || checkpointSteps < 1 || answers < 1 || unseenCancels < 0) {
            throw new IllegalArgumentException("slots, openJobs, checkpointSteps and answers must be at least 1: "
                    + slots + ", " + openJobs + ", " + checkpointSteps + ", " + answers);
        }
    }
}
