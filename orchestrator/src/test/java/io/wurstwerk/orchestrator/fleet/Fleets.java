package io.wurstwerk.orchestrator.fleet;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.pipeline.PipelineOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Fleets that look often, for tests of other packages. */
public final class Fleets {
    /** Lanes that such a fleet has at most. */
    public static final int MOST = 4;

    private Fleets() {}

    public static Fleet of(List<String> endpoints, Resolver resolver, PipelineOptions options, int room) {
        return new Fleet(
                endpoints,
                (endpoint, authority) -> new Lane(
                        endpoint,
                        authority,
                        options,
                        Duration.ofMillis(100),
                        new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), new SplittableRandom(1))),
                resolver,
                new Fleet.Limits(MOST, Duration.ofMillis(100), Duration.ofSeconds(5)),
                room,
                Clock.systemUTC());
    }
}
