package io.wurstwerk.orchestrator.api;

import io.smallrye.health.api.HealthGroup;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.host.EngineHost;
import io.wurstwerk.orchestrator.store.BucketAtStart;
import io.wurstwerk.orchestrator.view.ViewHost;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready means: a prompt event sent now is drawn without waiting for anything but its turn. What is asked in the group
 * {@link #DOOR} is less, and is for those who choose an instance to talk to: it takes part, and knows the jobs. An outage
 * of the models or the store is the same for all instances, and must not close the door of all of them.
 */
@ApplicationScoped
class ReadinessChecks {

    /** {@code /q/health/group/door}. */
    static final String DOOR = "door";

    @Produces
    @Readiness
    HealthCheck models(Fleet fleet) {
        return () -> check("models", fleet.ready());
    }

    @Produces
    @Readiness
    HealthCheck store(BucketAtStart bucket) {
        return () -> check("store", bucket.reachable());
    }

    @Produces
    @Readiness
    @HealthGroup(DOOR)
    HealthCheck consumer(EngineHost engine) {
        return () -> check("consumer", engine.consuming());
    }

    @Produces
    @Readiness
    @HealthGroup(DOOR)
    HealthCheck view(ViewHost view) {
        return () -> check("view", view.caughtUp());
    }

    private static HealthCheckResponse check(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
