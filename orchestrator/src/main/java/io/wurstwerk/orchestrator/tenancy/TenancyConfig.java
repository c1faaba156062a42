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
     * Lines of a key's SHA-256 in hexadecimal and its tenant's name. When absent, and no issuer of
     * tokens is named, nobody needs a key and everyone is the tenant {@code default}.
     */
    Optional<Path> keysFile();

    /** How often the file is looked at for changes. */
    @WithDefault("PT5S")
    Duration keysRefresh();

    /** Tokens as another way to say who one is, or the only one. */
    Oidc oidc();

    /** An OpenID Connect issuer whose tokens are taken. */
    interface Oidc {

        /** As its tokens name it, an https URL. When absent, no token is taken. */
        Optional<String> issuer();

        /** What tokens must be meant for. Needed with an issuer. */
        Optional<String> audience();

        /** The claim whose text is the tenant's name. */
        @WithDefault("sub")
        String claim();
    }

    /** Most jobs of one tenant that owe an answer. */
    @WithDefault("1000")
    int openJobs();

    /** Submissions of one tenant, as a mean; a minute's worth may come at once. */
    @WithDefault("600")
    int submissionsPerMinute();
}
