package io.wurstwerk.orchestrator.prompt;

import io.wurstwerk.orchestrator.fleet.Lane;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The one judge of requests, for the channel and for the HTTP door. */
@Dependent
final class IntakeBeans {

    @Produces
    @Singleton
    Intake intake(IntakeConfig config, Lane lane, Clock clock) {
        return new Intake(lane::catalog, config.defaultDeadline(), clock);
    }
}
