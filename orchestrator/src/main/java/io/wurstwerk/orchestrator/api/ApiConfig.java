package io.wurstwerk.orchestrator.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The bounds of the HTTP door. */
@ConfigMapping(prefix = "wurstwerk.api")
interface ApiConfig {

    /** Most seconds that {@code Prefer: wait} is heard for. */
    @WithDefault("PT60S")
    Duration longestWait();

    /** How long OpenAI's clients are kept waiting for their images. */
    @WithDefault("PT5M")
    Duration generationsWait();

    /** Requests that wait for a job's end at once; others are answered as if they had not asked to wait. */
    @WithDefault("1000")
    int waiting();

    /** Event streams that are open at once. */
    @WithDefault("2000")
    int watchers();

    /** Most jobs of all tenants that owe an answer. */
    @WithDefault("50000")
    int openJobs();

    /** How long a job that this instance has not heard of is waited for before it counts as unknown. */
    @WithDefault("PT0.5S")
    Duration unknownJobPatience();
}
