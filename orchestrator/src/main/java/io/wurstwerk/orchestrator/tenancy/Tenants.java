package io.wurstwerk.orchestrator.tenancy;

import io.wurstwerk.orchestrator.job.Origin;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says who a request comes from. */
public final class Tenants {

    private static final String SCHEME = "Bearer ";

    private final @Nullable ApiKeys keys;
    private final @Nullable Tokens tokens;

    /**
     * Where there is neither, nobody needs to say who it is.
     *
     * @param keys null where there are none
     * @param tokens null where none are taken
     */
    public Tenants(@Nullable ApiKeys keys, @Nullable Tokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    void close() {
        if (tokens != null) {
            tokens.close();
        }
    }

    /**
     * The tenant that may act; empty when the key or token is missing, unknown or not good.
     *
     * @param authorization the header of that name
     * @throws IssuerAwayException when it is a token, and nobody can say now whether it is good
     */
    public Optional<String> of(@Nullable String authorization) {
        if (keys == null && tokens == null) {
            return Optional.of(Origin.DEFAULT_TENANT);
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String word = authorization.substring(SCHEME.length()).strip();
        Optional<String> tenant = keys == null ? Optional.empty() : keys.tenant(word);
        return tenant.isPresent() || tokens == null ? tenant : tokens.tenant(word);
    }
}
