package io.wurstwerk.orchestrator.host;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineListener;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.studio.JobProgress;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.jboss.logging.Logger;

/** What the engine counts, logs and tells. Labels have few values: never a job, a tenant or a text. */
final class EngineMetrics implements EngineListener {
    private static final Logger LOG = Logger.getLogger(EngineMetrics.class);

    private final MeterRegistry registry;
    private final JobProgress progress;
    private final Counter accepted;
    private final Counter duplicates;
    private final Counter unintelligible;
    private final Counter images;
    private final Counter steps;
    private final Counter resumed;
    private final DistributionSummary predictionError;
    private final Clock clock;
    private volatile Sample latest = new Sample(0, 0, 0, 0);

    /** The engine's numbers at one moment: a gauge is read on any thread, the engine only on its own. */
    private record Sample(int open, int queued, int drawing, double oldestSeconds) {}

    EngineMetrics(MeterRegistry registry, JobProgress progress, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.progress = progress;
        this.accepted = registry.counter("wurstwerk.jobs.accepted");
        this.duplicates = registry.counter("wurstwerk.submissions.duplicate");
        this.unintelligible = registry.counter("wurstwerk.submissions.unreadable");
        this.images = registry.counter("wurstwerk.images");
        this.steps = registry.counter("wurstwerk.steps");
        this.predictionError = registry.summary("wurstwerk.cost.prediction.error");
        this.resumed = registry.counter("wurstwerk.images.resumed");
        registry.gauge("wurstwerk.jobs.open", this, metrics -> metrics.latest.open());
        registry.gauge("wurstwerk.jobs.queued", this, metrics -> metrics.latest.queued());
        registry.gauge("wurstwerk.images.drawing", this, metrics -> metrics.latest.drawing());
        registry.gauge("wurstwerk.jobs.oldest.queued.seconds", this, metrics -> metrics.latest.oldestSeconds());
    }

    int drawing() {
        return latest.drawing();
    }

    /** Takes down the engine's numbers. On the engine's thread. */
    void sample(Engine engine) {
        double oldest = engine.oldestQueued()
                .map(since -> Duration.between(since, clock.instant()).toMillis() / 1e3)
                .orElse(0.0);
        latest = new Sample(engine.openJobs(), engine.queuedJobs(), engine.activeImages(), oldest);
    }

    @Override
    public void accepted() {
        accepted.increment();
    }

    @Override
    public void duplicate() {
        duplicates.increment();
    }

    @Override
    public void unintelligible(int partition, long offset) {
        unintelligible.increment();
        LOG.errorf("submission %d of partition %d is skipped: it is not of this version", offset, partition);
    }

    @Override
    public void drawn(double predicted, Drawing drawing) {
        Timings spent = drawing.timings();
        double actual = spent.stageC().plus(spent.stageB()).plus(spent.stageA()).toNanos() / 1e9;
        if (actual > 0) {
            predictionError.record(Math.abs(predicted - actual) / actual);
        }
    }

    @Override
    public void answered(Terminal state) {
        registry.counter("wurstwerk.jobs.finished", "state", state.name()).increment();
        LOG.infof("job %s is %s", state.id(), state.name());
        if (state instanceof Terminal.Completed completed) {
            Timings spent = completed.drawing().timings();
            stage("stage_c", spent.stageC());
            stage("stage_b", spent.stageB());
            stage("stage_a", spent.stageA());
            stage("encode", spent.encode());
            stage("upload", spent.upload());
        }
    }

    @Override
    public void stepped(ImageId image, Canvas canvas) {
        steps.increment();
        progress.stepped(image, canvas);
    }

    @Override
    public void resumed(ImageId image, int fromStep) {
        resumed.increment();
        LOG.infof("job %s image %d goes on from step %d", image.job(), image.index(), fromStep);
    }

    @Override
    public void stored(ImageId image) {
        images.increment();
        progress.stored(image);
    }

    @Override
    public void away(Dependency dependency) {
        registry.counter("wurstwerk.waits", "dependency", dependency.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    private void stage(String stage, Duration took) {
        registry.timer("wurstwerk.stage", "stage", stage).record(took);
    }
}
