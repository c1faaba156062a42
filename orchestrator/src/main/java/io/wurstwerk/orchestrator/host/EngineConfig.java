package io.wurstwerk.orchestrator.host;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much this process takes on. */
@ConfigMapping(prefix = "wurstwerk.engine")
interface EngineConfig {

    /** Images drawn at once. */
    @WithDefault("2")
    int generations();

    /** Jobs that this process keeps in its index; beyond it, submissions wait in Kafka. */
    @WithDefault("200000")
    int openJobs();

    /** Stage C steps between two checkpoints. */
    @WithDefault("5")
    int checkpointSteps();

    /** After this, waiting lifts a job by one priority. */
    @WithDefault("PT5M")
    Duration ageing();

    /** How long an answered job is remembered; at least as long as prompts and submissions are kept. */
    @WithDefault("P14D")
    Duration retention();

    /** A process that is silent for so long loses its partitions. */
    @WithDefault("PT10S")
    Duration sessionTimeout();
}
