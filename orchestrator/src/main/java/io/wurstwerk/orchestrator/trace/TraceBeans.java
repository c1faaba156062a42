package io.wurstwerk.orchestrator.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.quarkus.opentelemetry.runtime.config.runtime.OTelRuntimeConfig;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Gives the framework the spans of jobs; {@code quarkus.otel.sdk.disabled} says whether there are any. */
@Dependent
final class TraceBeans {

    @Produces
    @Singleton
    JobTraces traces(OpenTelemetry telemetry, OTelRuntimeConfig config, Clock clock) {
        return config.sdkDisabled() ? JobTraces.OFF : new JobTraces(telemetry.getTracer("wurstwerk"), clock, true);
    }
}
