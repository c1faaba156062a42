package io.wurstwerk.orchestrator.ownership;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;

/** Measures what is written into the log. Thread-safe. */
public final class LogMeters {
    /** Measures nothing. */
    static final LogMeters NONE = new LogMeters(new CompositeMeterRegistry());

    private final Counter checkpoints;
    private final Timer committed;
    private final Timer refused;
    private final Timer unknown;

    public LogMeters(MeterRegistry registry) {
        this.checkpoints = registry.counter("wurstwerk.checkpoint.bytes");
        this.committed = registry.timer("wurstwerk.transaction", "outcome", "committed");
        this.refused = registry.timer("wurstwerk.transaction", "outcome", "fenced");
        this.unknown = registry.timer("wurstwerk.transaction", "outcome", "unknown");
    }

    void checkpoint(int bytes) {
        checkpoints.increment(bytes);
    }

    void committed(Duration took) {
        committed.record(took);
    }

    /** @param fenced whether another owner is there for certain; else nobody knows what became of it */
    void failed(Duration took, boolean fenced) {
        (fenced ? refused : unknown).record(took);
    }
}
