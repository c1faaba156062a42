package io.wurstwerk.orchestrator.fleet;

import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.List;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/** Gives the framework the lanes of the configuration, and starts them. */
@Dependent
final class FleetBeans {

    @Produces
    @Singleton
    Fleet fleet(FleetConfig config, RandomGenerator random) {
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
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), random);
        PipelineOptions options = config.repository()
                .map(PipelineOptions.defaults()::withRepository)
                .orElse(PipelineOptions.defaults());
        List<Lane> lanes = config.endpoint().stream()
                .map(endpoint -> new Lane(endpoint.strip(), options, interval, backoff))
                .toList();
        return new Fleet(lanes, Math.max(1, (int) (config.cap() * config.share())));
    }

    /** Pages are read by whoever starts the engine. */
    @Produces
    @Singleton
    EnergyWatch energy(CostConfig cost, Fleet fleet, MeterRegistry registry) {
        int port = cost.tritonMetricsPort().orElse(0);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("wurstwerk.cost.triton-metrics-port must be a port, not " + port);
        }
        requireNumber("wurstwerk.cost.watts", cost.watts());
        requireNumber("wurstwerk.cost.grams-per-kilowatt-hour", cost.gramsPerKilowattHour());
        return new EnergyWatch(fleet::endpoints, port, cost.watts(), registry, System::nanoTime);
    }

    private static void requireNumber(String key, OptionalDouble value) {
        if (value.isPresent() && !(value.getAsDouble() >= 0 && Double.isFinite(value.getAsDouble()))) {
            throw new IllegalArgumentException(key + " must be a number from 0, not " + value.getAsDouble());
        }
    }

    void close(@Disposes EnergyWatch energy) {
        energy.close();
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
