package io.wurstwerk.orchestrator.tenancy;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Clock;

/** Gives the framework the tenants of the configuration. */
@Dependent
final class TenancyBeans {

    @Produces
    @Singleton
    Tenants tenants(TenancyConfig config, Clock clock) {
        return new Tenants(config.keysFile()
                .map(file -> new ApiKeys(file, config.keysRefresh(), clock))
                .orElse(null));
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
