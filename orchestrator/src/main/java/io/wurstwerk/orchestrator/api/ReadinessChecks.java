package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.host.EngineHost;
import io.wurstwerk.orchestrator.store.BucketAtStart;
import io.wurstwerk.orchestrator.view.ViewHost;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means: a prompt event sent now is drawn without waiting for anything but its turn. */
@ApplicationScoped
class ReadinessChecks {

    @Produces
    @Readiness
    HealthCheck models(Lane lane) {
        return () -> check("models", lane.ready());
    }

    @Produces
    @Readiness
    HealthCheck store(BucketAtStart bucket) {
        return () -> check("store", bucket.reachable());
    }

    @Produces
    @Readiness
    HealthCheck consumer(EngineHost engine) {
        return () -> check("consumer", engine.consuming());
    }

    @Produces
    @Readiness
    HealthCheck view(ViewHost view) {
        return () -> check("view", view.caughtUp());
    }

    private static HealthCheckResponse check(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
