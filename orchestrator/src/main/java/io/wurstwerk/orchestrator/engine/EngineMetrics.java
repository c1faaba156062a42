package io.wurstwerk.orchestrator.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.wurstwerk.orchestrator.job.JobState;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** What the engine counts. Labels have few values: never a job, a tenant or a text. Thread-safe. */
final class EngineMetrics {

    private final MeterRegistry registry;
    private final Counter accepted;
    private final Counter duplicates;
    private final Counter unreadable;
    private final Counter images;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger drawing = new AtomicInteger();

    EngineMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.accepted = registry.counter("wurstwerk.jobs.accepted");
        this.duplicates = registry.counter("wurstwerk.submissions.duplicate");
        this.unreadable = registry.counter("wurstwerk.submissions.unreadable");
        this.images = registry.counter("wurstwerk.images");
        registry.gauge("wurstwerk.jobs.open", open);
        registry.gauge("wurstwerk.images.queued", queued);
        registry.gauge("wurstwerk.images.drawing", drawing);
    }

    void jobOpened() {
        open.incrementAndGet();
    }

    void jobClosed() {
        open.decrementAndGet();
    }

    void accepted() {
        accepted.increment();
    }

    void duplicate() {
        duplicates.increment();
    }

    void unreadable() {
        unreadable.increment();
    }

    void queued() {
        queued.incrementAndGet();
    }

    void dequeued() {
        queued.decrementAndGet();
    }

    void drawingStarted() {
        drawing.incrementAndGet();
    }

    void drawingStopped() {
        drawing.decrementAndGet();
    }

    void imageStored() {
        images.increment();
    }

    void finished(JobState.Terminal state) {
        registry.counter("wurstwerk.jobs.finished", "state", state.name()).increment();
    }

    void waited(JobState.Dependency dependency) {
        registry.counter("wurstwerk.waits", "dependency", dependency.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    void stage(String stage, Duration took) {
        registry.timer("wurstwerk.stage", "stage", stage).record(took);
    }
}
