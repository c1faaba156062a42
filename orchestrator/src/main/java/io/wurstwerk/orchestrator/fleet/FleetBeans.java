package io.wurstwerk.orchestrator.fleet;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.pipeline.PipelineOptions;
import io.wurstwerk.pipeline.certificate.TlsFiles;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
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
        PipelineOptions open = config.repository()
                .map(PipelineOptions.defaults()::withRepository)
                .orElse(PipelineOptions.defaults());
        PipelineOptions options = tls(config.tls()).map(open::withTls).orElse(open);
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

    /** Wrong names of files are told at start; what is in the files may be put right while the program runs. */
    private static Optional<TlsFiles> tls(FleetConfig.Tls tls) {
        boolean named = tls.ca().isPresent()
                || tls.certificate().isPresent()
                || tls.key().isPresent()
                || tls.serverName().isPresent();
        if (!tls.enabled()) {
            if (named) {
                throw new IllegalArgumentException(
                        "wurstwerk.triton.tls.* is set, but the connections would be open: set"
                                + " wurstwerk.triton.tls.enabled=true");
            }
            return Optional.empty();
        }
        if (tls.certificate().isPresent() != tls.key().isPresent()) {
            throw new IllegalArgumentException(
                    "wurstwerk.triton.tls.certificate and wurstwerk.triton.tls.key are set together, or neither");
        }
        requireReadable("wurstwerk.triton.tls.ca", tls.ca());
        requireReadable("wurstwerk.triton.tls.certificate", tls.certificate());
        requireReadable("wurstwerk.triton.tls.key", tls.key());
        return Optional.of(new TlsFiles(
                tls.ca().orElse(null),
                tls.certificate().orElse(null),
                tls.key().orElse(null),
                tls.serverName().orElse(null)));
    }

    private static void requireReadable(String setting, Optional<Path> file) {
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw new IllegalArgumentException(setting + " names " + file.get()
                    + ", which cannot be read: check that it is there and that this process may read it");
        }
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
