package io.wurstwerk.orchestrator.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much this process takes on. */
@ConfigMapping(prefix = "wurstwerk.engine")
interface EngineConfig {

    /** Images drawn at once. */
    @WithDefault("2")
    int generations();

    /** Jobs held in memory; beyond it, submissions wait in Kafka. */
    @WithDefault("100")
    int queue();

    /** Jobs remembered to recognise a repeated event. */
    @WithDefault("100000")
    int index();
}
