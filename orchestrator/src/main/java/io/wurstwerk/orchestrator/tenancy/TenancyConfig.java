package io.wurstwerk.orchestrator.tenancy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Tenants at the HTTP door. */
@ConfigMapping(prefix = "wurstwerk.tenants")
interface TenancyConfig {

    /**
     * Lines of a key's SHA-256 in hexadecimal and its tenant's name. When absent, nobody needs a key and everyone is the
     * tenant {@code default}.
     */
    Optional<Path> keysFile();

    /** How often the file is looked at for changes. */
    @WithDefault("PT5S")
    Duration keysRefresh();

    /** Most jobs of one tenant that owe an answer. */
    @WithDefault("1000")
    int openJobs();

    /** Submissions of one tenant, as a mean; a minute's worth may come at once. */
    @WithDefault("600")
    int submissionsPerMinute();
}
