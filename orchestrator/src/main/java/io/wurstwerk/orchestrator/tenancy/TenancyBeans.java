package io.wurstwerk.orchestrator.tenancy;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.net.URI;
import java.time.Clock;

/** Gives the framework the tenants of the configuration. */
@Dependent
final class TenancyBeans {

    @Produces
    @Singleton
    Tenants tenants(TenancyConfig config, Clock clock) {
        ApiKeys keys = config.keysFile()
                .map(file -> new ApiKeys(file, config.keysRefresh(), clock))
                .orElse(null);
        return new Tenants(
                keys,
                config.oidc()
                        .issuer()
                        .map(issuer -> tokens(issuer, config.oidc(), clock))
                        .orElse(null));
    }

    private static Tokens tokens(String issuer, TenancyConfig.Oidc config, Clock clock) {
        String audience = config.audience()
                .orElseThrow(() -> new IllegalArgumentException("wurstwerk.tenants.oidc.issuer is set, so set"
                        + " wurstwerk.tenants.oidc.audience to what its tokens for this installation are for"));
        return new Tokens(issuer, audience, config.claim(), clock, new IssuerKeys(URI.create(issuer), clock));
    }

    void close(@Disposes Tenants tenants) {
        tenants.close();
    }

    @Produces
    @Singleton
    Quotas quotas(TenancyConfig config, Clock clock) {
        return new Quotas(config.openJobs(), config.submissionsPerMinute(), clock);
    }

    /** Makes both before anybody waits for a broker, so that a wrong setting is told at once. */
    void check(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE - 1) StartupEvent starting,
            Tenants tenants,
            Quotas quotas) {}
}
