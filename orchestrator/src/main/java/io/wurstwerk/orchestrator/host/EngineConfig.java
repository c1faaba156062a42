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

    /** Stage C steps between two checkpoints; the end of Stage C is one in any case. */
    @WithDefault("5")
    int checkpointSteps();

    /** After this, waiting lifts a job by one priority. */
    @WithDefault("PT5M")
    Duration ageing();

    /**
     * How long an answered job is remembered: at least as long as prompts and submissions are kept, and a day longer,
     * because Kafka deletes whole files only.
     */
    @WithDefault("P15D")
    Duration retention();

    /**
     * Jobs, answered or open, of which this process knows at once when it owns every partition; each partition may hold
     * its share, so that no takeover exceeds it. Beyond it, submissions wait in Kafka until old answers are forgotten.
     * An answer takes about 50 bytes.
     */
    @WithDefault("2000000")
    int answers();

    /** A process that is silent for so long loses its partitions. */
    @WithDefault("PT10S")
    Duration sessionTimeout();
}
