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
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.fleet.StepTimes;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.ownership.AnswerArchive;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.ownership.KafkaLog;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.studio.JobProgress;
import io.wurstwerk.orchestrator.studio.LaneStudio;
import io.wurstwerk.orchestrator.studio.ProgressSink;
import io.wurstwerk.orchestrator.studio.StoreGallery;
import io.wurstwerk.orchestrator.topic.KafkaConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Builds the engine from the configuration, and starts and stops it with the application. */
@ApplicationScoped
public class EngineHost {
    private static final int UNSEEN_CANCELS = 10_000;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    private final Lane lane;
    private final EngineThread thread;
    private final KafkaLog log;
    private final LaneStudio studio;
    private final StoreGallery gallery;
    private final ProgressSink progress;
    private final EngineMetrics metrics;
    private final StepTimes times;
    private final Engine engine;

    EngineHost(
            EngineConfig config,
            KafkaConfig kafkaConfig,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            Lane lane,
            ImageStore store,
            AnswerArchive archive,
            MeterRegistry registry,
            Clock clock,
            RandomGenerator random) {
        requireWithin("wurstwerk.engine.generations", config.generations(), 1, 1_000);
        requireWithin("wurstwerk.engine.open-jobs", config.openJobs(), 1, 10_000_000);
        requireWithin("wurstwerk.engine.checkpoint-steps", config.checkpointSteps(), 1, 1_000);
        this.lane = lane;
        this.thread = new EngineThread(() -> Quarkus.asyncExit(1));
        KafkaClients clients = new KafkaClients(
                kafka,
                kafkaConfig.instance(),
                Math.toIntExact(config.sessionTimeout().toMillis()));
        this.log = new KafkaLog(clients, thread, clock, archive);
        this.times = new StepTimes();
        this.progress = new ProgressSink(clients.progress());
        JobProgress told = new JobProgress(clock, progress);
        this.studio = new LaneStudio(lane, times, thread, told);
        this.gallery = new StoreGallery(store, thread, clock, told);
        this.metrics = new EngineMetrics(registry, told, clock);
        this.engine = new Engine(
                new Outside(log, studio, gallery),
                settings(config),
                clock,
                random,
                submission -> times.seconds(submission.order()),
                metrics);
    }

    void start(@Observes StartupEvent started) {
        thread.start(engine, metrics::sample);
        log.start();
        lane.onModels(pipeline -> thread.accept(new Event.Models(pipeline)));
    }

    /** Lets go of every partition in order, then of everything else. */
    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        log.close();
        thread.stop();
        studio.close();
        gallery.close();
        progress.close();
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

    /** Images that are being drawn. */
    public int drawing() {
        return metrics.drawing();
    }

    private record Outside(KafkaLog log, LaneStudio studio, StoreGallery gallery) implements Ports {}

    private static EngineSettings settings(EngineConfig config) {
        return new EngineSettings(
                config.generations(),
                config.openJobs(),
                config.checkpointSteps(),
                config.ageing(),
                FIRST_RETRY,
                LONGEST_RETRY,
                config.retention(),
                UNSEEN_CANCELS);
    }

    private static void requireWithin(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
