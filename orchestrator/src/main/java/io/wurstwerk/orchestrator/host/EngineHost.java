package io.wurstwerk.orchestrator.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineSettings;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.fleet.CostConfig;
import io.wurstwerk.orchestrator.fleet.EnergyWatch;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.fleet.StepTimes;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.ownership.AnswerArchive;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.ownership.KafkaLog;
import io.wurstwerk.orchestrator.ownership.LogMeters;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.studio.Drafts;
import io.wurstwerk.orchestrator.studio.JobProgress;
import io.wurstwerk.orchestrator.studio.LaneStudio;
import io.wurstwerk.orchestrator.studio.ModelMeters;
import io.wurstwerk.orchestrator.studio.Previews;
import io.wurstwerk.orchestrator.studio.ProgressSink;
import io.wurstwerk.orchestrator.studio.StoreGallery;
import io.wurstwerk.orchestrator.studio.WatchSignals;
import io.wurstwerk.orchestrator.studio.WatchedJobs;
import io.wurstwerk.orchestrator.studio.Watchers;
import io.wurstwerk.orchestrator.topic.KafkaConfig;
import io.wurstwerk.orchestrator.trace.JobTraces;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Builds the engine from the configuration, and starts and stops it with the application. */
@ApplicationScoped
public class EngineHost {
    private static final int UNSEEN_CANCELS = 10_000;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);
    private static final Duration ENERGY_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SHORTEST_PREVIEW = Duration.ofMillis(100);

    private final Fleet fleet;
    private final EnergyWatch energy;
    private final EngineThread thread;
    private final KafkaLog log;
    private final ModelMeters meters;
    private final LaneStudio studio;
    private final StoreGallery gallery;
    private final ProgressSink progress;
    private final WatchSignals watches;
    private final ScheduledExecutorService repeating;
    private final EngineMetrics metrics;
    private final StepTimes times;
    private final Engine engine;

    EngineHost(
            EngineConfig config,
            PreviewConfig previewConfig,
            KafkaConfig kafkaConfig,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            Fleet fleet,
            ImageStore store,
            AnswerArchive archive,
            EnergyWatch energy,
            CostConfig cost,
            JobTraces traces,
            MeterRegistry registry,
            Clock clock,
            RandomGenerator random) {
        requireWithin("wurstwerk.engine.generations", config.generations(), 1, 1_000);
        requireWithin("wurstwerk.engine.open-jobs", config.openJobs(), 1, 10_000_000);
        requireWithin("wurstwerk.engine.checkpoint-steps", config.checkpointSteps(), 1, 1_000);
        requireWithin("wurstwerk.engine.answers", config.answers(), kafkaConfig.partitions(), 1_000_000_000);
        if (previewConfig.interval().compareTo(SHORTEST_PREVIEW) < 0) {
            throw new IllegalArgumentException("wurstwerk.previews.interval must be at least " + SHORTEST_PREVIEW);
        }
        this.fleet = fleet;
        this.energy = energy;
        this.thread = new EngineThread(() -> Quarkus.asyncExit(1));
        KafkaClients clients = new KafkaClients(
                kafka,
                kafkaConfig.instance(),
                Math.toIntExact(config.sessionTimeout().toMillis()),
                KafkaClients.Limits.DEFAULT);
        WatchedJobs watched = new WatchedJobs(clock);
        this.log = new KafkaLog(clients, thread, clock, archive, watched::heard, new LogMeters(registry), traces);
        this.times = new StepTimes();
        this.progress = new ProgressSink(clients.progress());
        JobProgress told = new JobProgress(clock, progress, traces::of);
        this.watches = new WatchSignals(progress);
        this.repeating = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("wurstwerk-watches").daemon().factory());
        Previews previews = new Previews(
                switch (previewConfig.when()) {
                    case WATCHED -> watched.or(watches);
                    case ALWAYS -> Watchers.EVERYBODY;
                    case OFF -> Watchers.NOBODY;
                },
                previewConfig.interval(),
                clock);
        this.meters = new ModelMeters(registry, energy, cost.gramsPerKilowattHour(), System::nanoTime);
        this.studio = new LaneStudio(fleet, times, thread, told, previews, Drafts.in(store), meters, traces);
        this.gallery = new StoreGallery(store, thread, clock, told, traces);
        this.metrics = new EngineMetrics(registry, told, clock, fleet::drawsWith, traces);
        this.engine = new Engine(
                new Outside(log, studio, gallery),
                settings(config, kafkaConfig.partitions()),
                clock,
                random,
                submission -> times.seconds(submission.order()),
                metrics);
    }

    void start(@Observes StartupEvent started) {
        thread.start(engine, metrics::sample);
        log.start();
        fleet.watch(new LaneEvents(thread, meters, fleet.room()));
        long repeated = WatchSignals.REPEATED.toMillis();
        var _ = repeating.scheduleWithFixedDelay(watches::repeat, repeated, repeated, TimeUnit.MILLISECONDS);
        // A thread of its own each time: servers that do not answer must not hold up the watches.
        var _ = repeating.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().name("energy").start(energy::look),
                0,
                ENERGY_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Lets go of every partition in order, then of everything else. */
    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        repeating.shutdownNow();
        log.close();
        thread.stop();
        studio.close();
        gallery.close();
        progress.close();
        metrics.close();
    }

    /** Says that somebody watches a job, wherever it is drawn, until the watch is closed. */
    public WatchSignals.Watch watch(JobId job) {
        return watches.watch(job);
    }

    /** Whether submissions are being consumed. */
    public boolean consuming() {
        return alive() && log.joined();
    }

    /** Whether the engine's own threads live, with or without a broker. */
    public boolean alive() {
        return thread.alive() && log.alive();
    }

    /** Predicted seconds of model time for an order, from the calls made so far. */
    public double predictedSeconds(ImageOrder order) {
        return times.seconds(order);
    }

    /** Calls of this process that are under way on a lane. */
    public int drawingOn(String endpoint) {
        return metrics.outstanding(endpoint);
    }

    /** What the lanes tell, as the engine hears it. */
    record LaneEvents(Consumer<Event> engine, ModelMeters meters, int room) implements Lane.Watcher {
        @Override
        public void ready(String endpoint, String pipeline) {
            engine.accept(new Event.LaneReady(endpoint, pipeline, room));
        }

        @Override
        public void away(String endpoint) {
            engine.accept(new Event.LaneAway(endpoint));
        }

        @Override
        public void gone(String endpoint) {
            engine.accept(new Event.LaneGone(endpoint));
            meters.forget(endpoint);
        }
    }

    private record Outside(KafkaLog log, LaneStudio studio, StoreGallery gallery) implements Ports {}

    private static EngineSettings settings(EngineConfig config, int partitions) {
        return new EngineSettings(
                config.generations(),
                config.openJobs(),
                config.checkpointSteps(),
                config.ageing(),
                FIRST_RETRY,
                LONGEST_RETRY,
                config.retention(),
                config.answers() / partitions,
                UNSEEN_CANCELS);
    }

    private static void requireWithin(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
