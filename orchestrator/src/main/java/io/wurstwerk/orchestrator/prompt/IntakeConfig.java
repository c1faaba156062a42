package io.wurstwerk.orchestrator.prompt;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How prompt events are taken in. */
@ConfigMapping(prefix = "wurstwerk.intake")
interface IntakeConfig {

    /** How long a job may take whose event names no deadline. */
    @WithDefault("PT24H")
    Duration defaultDeadline();
}
