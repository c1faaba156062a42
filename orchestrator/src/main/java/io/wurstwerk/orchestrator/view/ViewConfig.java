package io.wurstwerk.orchestrator.view;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What this instance remembers of jobs, to answer for them over HTTP. */
@ConfigMapping(prefix = "wurstwerk.view")
interface ViewConfig {

    /**
     * Where the view lies; for this instance alone. It holds prompts. When absent, a temporary folder that is deleted at
     * the stop: the topics are then read again at the next start.
     */
    Optional<Path> folder();

    /** Most jobs that are remembered. */
    @WithDefault("100000")
    int jobs();

    /** How long a job is remembered. */
    @WithDefault("P14D")
    Duration retention();

    /** Of the view's file, in memory. */
    @WithDefault("16")
    int cacheMegabytes();
}
