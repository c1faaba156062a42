package io.wurstwerk.orchestrator.tenancy;

import io.wurstwerk.orchestrator.job.Origin;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says who a request comes from. */
public final class Tenants {

    private static final String SCHEME = "Bearer ";

    private final @Nullable ApiKeys keys;

    /** @param keys null where nobody needs one */
    public Tenants(@Nullable ApiKeys keys) {
        this.keys = keys;
    }

    /**
     * The tenant that may act; empty when the key is missing or unknown.
     *
     * @param authorization the header of that name
     */
    public Optional<String> of(@Nullable String authorization) {
        if (keys == null) {
            return Optional.of(Origin.DEFAULT_TENANT);
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        return keys.tenant(authorization.substring(SCHEME.length()).strip());
    }
}
