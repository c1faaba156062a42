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
import java.time.Clock;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Gives the framework the lanes of the configuration, and starts them. */
@Dependent
final class FleetBeans {

    @Produces
    @Singleton
    Fleet fleet(FleetConfig config, RandomGenerator random, Clock clock) {
        Duration interval = config.watchInterval();
        if (interval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("wurstwerk.triton.watch-interval must be at least PT0.01S");
        }
        if (config.cap() < 1) {
            throw new IllegalArgumentException("wurstwerk.triton.cap must be at least 1, not " + config.cap());
        }
        if (!(config.share() > 0 && config.share() <= 1)) {
            throw new IllegalArgumentException(
                    "wurstwerk.triton.share must be more than 0 and at most 1, not " + config.share());
        }
        if (config.resolveInterval().compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("wurstwerk.triton.resolve-interval must be at least PT0.1S");
        }
        if (config.lanes() < 1) {
            throw new IllegalArgumentException("wurstwerk.triton.lanes must be at least 1, not " + config.lanes());
        }
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), random);
        PipelineOptions options = config.repository()
                .map(PipelineOptions.defaults()::withRepository)
                .orElse(PipelineOptions.defaults());
        // The longest that the engine orders at once are the calls of both text encoders.
        Duration drain = options.stepDeadline().multipliedBy(2);
        return new Fleet(
                config.endpoint().stream().map(String::strip).toList(),
                (endpoint, authority) -> new Lane(endpoint, authority, options, interval, backoff),
                Resolver.system(),
                new Fleet.Limits(config.lanes(), config.resolveInterval(), drain),
                Math.max(1, (int) (config.cap() * config.share())),
                clock);
    }

    void start(@Observes StartupEvent started, Fleet fleet) {
        fleet.start();
    }

    /** Makes the fleet before anybody waits for a broker, so that a wrong setting is told at once. */
    void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE - 1) StartupEvent starting, Fleet fleet) {}

    void close(@Disposes Fleet fleet) {
        fleet.close();
    }
}
