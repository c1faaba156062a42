package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.host.EngineHost;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive means: a restart would change nothing for the better. Outages of others never end it. */
@Liveness
@ApplicationScoped
class EngineLiveness implements HealthCheck {

    private final EngineHost engine;

    EngineLiveness(EngineHost engine) {
        this.engine = engine;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("engine").status(engine.alive()).build();
    }
}
