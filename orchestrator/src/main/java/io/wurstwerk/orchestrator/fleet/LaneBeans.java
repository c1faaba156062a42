package io.wurstwerk.orchestrator.fleet;

import io.quarkus.runtime.StartupEvent;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.pipeline.PipelineOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Gives the framework the lane of the configuration, and starts it. */
@Dependent
final class LaneBeans {

    @Produces
    @Singleton
    Lane lane(FleetConfig config, RandomGenerator random) {
        Duration interval = config.watchInterval();
        if (interval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("wurstwerk.triton.watch-interval must be at least PT0.01S");
        }
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), random);
        PipelineOptions options = config.repository()
                .map(PipelineOptions.defaults()::withRepository)
                .orElse(PipelineOptions.defaults());
        return new Lane(config.endpoint(), options, interval, backoff);
    }

    void start(@Observes StartupEvent started, Lane lane) {
        lane.start();
    }

    /** Makes the lane before anybody waits for a broker, so that a wrong setting is told at once. */
    void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE - 1) StartupEvent starting, Lane lane) {}

    void close(@Disposes Lane lane) {
        lane.close();
    }
}
