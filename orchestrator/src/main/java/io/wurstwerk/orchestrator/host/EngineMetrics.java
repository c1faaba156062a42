package io.wurstwerk.orchestrator.host;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.CircuitState;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineListener;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.LaneStatus;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.studio.JobProgress;
import io.wurstwerk.orchestrator.trace.JobTraces;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/** What the engine counts, logs and tells. Labels have few values: never a job, a tenant or a text. */
final class EngineMetrics implements EngineListener {
    private static final Logger LOG = Logger.getLogger(EngineMetrics.class);

    private static final String LANE_CRASHES = "wurstwerk.lane.crashes";
    private static final String ENDPOINT = "endpoint";
    private static final List<String> TERMINAL = List.of("completed", "failed", "rejected", "cancelled", "expired");
    private static final List<String> STAGES = List.of("stage_c", "stage_b", "stage_a", "encode", "upload");
    private static final double[] RATIOS = {0.5, 0.67, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2};

    private final MeterRegistry registry;
    private final JobProgress progress;
    private final JobTraces traces;
    private final Counter accepted;
    private final Counter duplicates;
    private final Counter unintelligible;
    private final Counter images;
    private final Counter steps;
    private final Counter delivered;
    private final Counter full;
    private final Counter resumed;
    private final Counter resumedSteps;
    private final Map<Dependency, Counter> waits = new EnumMap<>(Dependency.class);
    private final Map<Failure.Code, Counter> failed = new EnumMap<>(Failure.Code.class);
    private final DistributionSummary predictionError;
    private final DistributionSummary predictionRatio;
    private final Timer finish;
    private final Timer takeover;
    private final Clock clock;
    private final Consumer<String> pipelines;
    private final List<Meter> own = new ArrayList<>();
    private final Map<String, List<Meter>> metered = new HashMap<>();
    private volatile Sample latest = new Sample(0, 0, 0, 0, 0, 0, 0, Map.of(), CircuitState.CLOSED, Map.of());

    /** The engine's numbers at one moment: a gauge is read on any thread, the engine only on its own. */
    private record Sample(
            int open,
            int queued,
            int drawing,
            double oldestSeconds,
            int answers,
            long unaccounted,
            double queuedCost,
            Map<Priority, Double> oldestByPriority,
            CircuitState store,
            Map<String, LaneStatus> lanes) {}

    /** @param pipelines hears which pipeline draws */
    EngineMetrics(
            MeterRegistry registry, JobProgress progress, Clock clock, Consumer<String> pipelines, JobTraces traces) {
        this.traces = traces;
        this.pipelines = pipelines;
        this.registry = registry;
        this.clock = clock;
        this.progress = progress;
        this.accepted = registry.counter("wurstwerk.jobs.accepted");
        this.duplicates = registry.counter("wurstwerk.submissions.duplicate");
        this.unintelligible = registry.counter("wurstwerk.submissions.unreadable");
        this.images = registry.counter("wurstwerk.images");
        this.steps = registry.counter("wurstwerk.steps");
        this.delivered = registry.counter("wurstwerk.steps.delivered");
        this.full = registry.counter("wurstwerk.answers.full");
        this.predictionError = registry.summary("wurstwerk.cost.prediction.error");
        this.predictionRatio = DistributionSummary.builder("wurstwerk.cost.prediction.ratio")
                .description("predicted over actual seconds in the models, a job")
                .serviceLevelObjectives(RATIOS)
                .register(registry);
        this.finish = registry.timer("wurstwerk.finish");
        this.takeover = registry.timer("wurstwerk.takeover");
        this.resumed = registry.counter("wurstwerk.images.resumed");
        this.resumedSteps = registry.counter("wurstwerk.steps.resumed");
        // All of them are there from the start, so that the first one of its kind is seen as a rise.
        for (Dependency dependency : Dependency.values()) {
            waits.put(dependency, registry.counter("wurstwerk.waits", "dependency", name(dependency)));
        }
        for (String state : TERMINAL) {
            registry.counter("wurstwerk.jobs.finished", "state", state);
        }
        for (String stage : STAGES) {
            registry.timer("wurstwerk.stage", "stage", stage);
        }
        for (Failure.Code code : Failure.Code.values()) {
            failed.put(code, registry.counter("wurstwerk.jobs.failed", "code", code.wire()));
        }
        own("wurstwerk.queue.predicted.seconds", Tags.empty(), Sample::queuedCost);
        for (Priority priority : Priority.values()) {
            own(
                    "wurstwerk.queue.oldest.seconds",
                    Tags.of("priority", priority.wire()),
                    sample -> sample.oldestByPriority().getOrDefault(priority, 0.0));
        }
        for (CircuitState circuit : CircuitState.values()) {
            own(
                    "wurstwerk.store.circuit",
                    Tags.of("state", name(circuit)),
                    sample -> sample.store() == circuit ? 1 : 0);
        }
        own("wurstwerk.jobs.open", Tags.empty(), Sample::open);
        own("wurstwerk.jobs.queued", Tags.empty(), Sample::queued);
        own("wurstwerk.images.drawing", Tags.empty(), Sample::drawing);
        own("wurstwerk.jobs.oldest.queued.seconds", Tags.empty(), Sample::oldestSeconds);
        own("wurstwerk.answers.remembered", Tags.empty(), Sample::answers);
        own("wurstwerk.jobs.unaccounted", Tags.empty(), Sample::unaccounted);
    }

    int outstanding(String lane) {
        LaneStatus status = latest.lanes().get(lane);
        return status == null ? 0 : status.outstanding();
    }

    /** Takes down the engine's numbers. On the engine's thread. */
    void sample(Engine engine) {
        double oldest = engine.oldestQueued().map(this::seconds).orElse(0.0);
        Map<Priority, Double> byPriority = new EnumMap<>(Priority.class);
        for (Priority priority : Priority.values()) {
            engine.oldestQueued(priority).map(this::seconds).ifPresent(age -> byPriority.put(priority, age));
        }
        Map<String, LaneStatus> lanes = new HashMap<>();
        engine.lanes().forEach(lane -> lanes.put(lane.lane(), lane));
        latest = new Sample(
                engine.openJobs(),
                engine.queuedJobs(),
                engine.activeImages(),
                oldest,
                engine.answers(),
                engine.unaccounted(),
                engine.queuedCost(),
                byPriority,
                engine.store(),
                lanes);
        lanes.keySet().forEach(lane -> metered.computeIfAbsent(lane, this::meters));
        metered.entrySet()
                .removeIf(lane -> !lanes.containsKey(lane.getKey()) && removed(lane.getKey(), lane.getValue()));
    }

    private void own(String name, Tags tags, ToDoubleFunction<Sample> value) {
        own.add(Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.latest))
                .tags(tags)
                .register(registry));
    }

    /** Takes the engine's numbers off the page: a gauge of what is gone would keep its place from one that comes. */
    void close() {
        own.forEach(registry::remove);
        metered.forEach(this::removed);
    }

    private double seconds(Instant since) {
        return Duration.between(since, clock.instant()).toMillis() / 1e3;
    }

    /** Lanes come and go; a label of one that is gone would stay for as long as the process. */
    private boolean removed(String lane, List<Meter> meters) {
        meters.forEach(registry::remove);
        registry.find(LANE_CRASHES).tag(ENDPOINT, lane).meters().forEach(registry::remove);
        return true;
    }

    private List<Meter> meters(String lane) {
        List<Meter> meters = new ArrayList<>();
        Tags endpoint = Tags.of(ENDPOINT, lane);
        registry.counter(LANE_CRASHES, endpoint);
        meters.add(gauge("wurstwerk.lane.ready", endpoint, lane, status -> status.ready() ? 1 : 0));
        meters.add(gauge("wurstwerk.lane.draws", endpoint, lane, status -> status.draws() ? 1 : 0));
        meters.add(gauge("wurstwerk.lane.outstanding", endpoint, lane, LaneStatus::outstanding));
        meters.add(gauge("wurstwerk.lane.room", endpoint, lane, LaneStatus::room));
        for (CircuitState circuit : CircuitState.values()) {
            Tags state = endpoint.and("state", name(circuit));
            meters.add(gauge("wurstwerk.lane.circuit", state, lane, status -> status.circuit() == circuit ? 1 : 0));
        }
        return meters;
    }

    private Meter gauge(String name, Tags tags, String lane, ToDoubleFunction<LaneStatus> value) {
        return Gauge.builder(name, this, metrics -> {
                    LaneStatus status = metrics.latest.lanes().get(lane);
                    return status == null ? Double.NaN : value.applyAsDouble(status);
                })
                .tags(tags)
                .register(registry);
    }

    @Override
    public void started(int partition, JobState.Running running) {
        traces.started(partition, running);
    }

    @Override
    public void left(int partition) {
        traces.left(partition);
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
    public void drawn(double predicted, int needed, Drawing drawing) {
        delivered.increment(needed);
        Timings spent = drawing.timings();
        double actual = spent.stageC().plus(spent.stageB()).plus(spent.stageA()).toNanos() / 1e9;
        if (actual > 0) {
            predictionError.record(Math.abs(predicted - actual) / actual);
            predictionRatio.record(predicted / actual);
        }
    }

    @Override
    public void answered(Terminal state, Duration took) {
        finish.record(took);
        registry.counter("wurstwerk.jobs.finished", "state", state.name()).increment();
        traces.answered(state);
        LOG.infof("job %s is %s", state.id(), state.name());
        if (state instanceof Terminal.Failed ended) {
            Objects.requireNonNull(failed.get(ended.failure().code())).increment();
        }
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
    public void takenOver(int partition, Duration took, int openJobs, int answers) {
        takeover.record(took);
        LOG.infof(
                "partition %d is at work after %d ms, with %d open jobs and %d answers",
                partition, took.toMillis(), openJobs, answers);
    }

    @Override
    public void answersFull(int partition, int answers) {
        full.increment();
        LOG.warnf(
                "partition %d remembers %d answers, its share of wurstwerk.engine.answers, and takes nothing in until old"
                        + " ones are forgotten: raise wurstwerk.engine.answers (about 50 bytes each), or lower"
                        + " wurstwerk.engine.retention and the retention of prompts and submissions",
                partition, answers);
    }

    @Override
    public void stepped(ImageId image, Canvas canvas) {
        steps.increment();
        progress.stepped(image, canvas);
    }

    @Override
    public void resumed(ImageId image, int fromStep) {
        resumed.increment();
        resumedSteps.increment(fromStep);
        traces.resumed(image, fromStep);
        LOG.infof("job %s image %d goes on from step %d", image.job(), image.index(), fromStep);
    }

    @Override
    public void stored(ImageId image) {
        images.increment();
        progress.stored(image);
    }

    @Override
    public void away(Dependency dependency) {
        Objects.requireNonNull(waits.get(dependency)).increment();
    }

    @Override
    public void drawsWith(String pipeline) {
        pipelines.accept(pipeline);
        LOG.infof("pipeline %s draws", pipeline);
    }

    @Override
    public void setAside(String lane, String pipeline, String drawing) {
        LOG.warnf(
                "model server %s serves pipeline %s and gets no work: pipeline %s draws, and images of two pipelines are"
                        + " not mixed. It is used as soon as both are the same",
                lane, pipeline, drawing);
    }

    @Override
    public void laneCrashed(String lane, JobId job) {
        registry.counter(LANE_CRASHES, ENDPOINT, lane).increment();
        traces.laneCrashed(job, lane);
        LOG.warnf("model server %s died while it worked on job %s", lane, job);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void stage(String stage, Duration took) {
        registry.timer("wurstwerk.stage", "stage", stage).record(took);
    }
}
