package io.wurstwerk.orchestrator.host;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.Checkpoint;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineSettings;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.fleet.Fleets;
import io.wurstwerk.orchestrator.fleet.LanePower;
import io.wurstwerk.orchestrator.fleet.Resolver;
import io.wurstwerk.orchestrator.fleet.StepTimes;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.ownership.AnswerArchive;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.ownership.KafkaLog;
import io.wurstwerk.orchestrator.ownership.LogMeters;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.orchestrator.studio.Drafts;
import io.wurstwerk.orchestrator.studio.JobProgress;
import io.wurstwerk.orchestrator.studio.LaneStudio;
import io.wurstwerk.orchestrator.studio.ModelMeters;
import io.wurstwerk.orchestrator.studio.Previews;
import io.wurstwerk.orchestrator.studio.ProgressSink;
import io.wurstwerk.orchestrator.studio.StoreGallery;
import io.wurstwerk.orchestrator.studio.WatchedJobs;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.pipeline.PipelineOptions;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine as the application builds it, without the framework. */
final class Member implements AutoCloseable {
    static final int SESSION = 6_000;
    /** Images that a lane draws at once. */
    private static final int ROOM = 8;

    private static final Resolver NO_NAMES = host -> {
        throw new UnknownHostException(host);
    };

    /** Jobs that kill the process whose engine begins to draw them. */
    static final Set<JobId> POISON = ConcurrentHashMap.newKeySet();

    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final CountDownLatch died = new CountDownLatch(1);
    private final AtomicInteger failedCommits = new AtomicInteger();
    private final ImageStore store;
    private final Fleet fleet;
    private final EngineThread thread;
    private final KafkaLog log;
    private final LaneStudio studio;
    private final StoreGallery gallery;
    private final ProgressSink progress;
    final WatchedJobs watched;
    private boolean closed;

    static EngineSettings settings(int slots, int openJobs) {
        return new EngineSettings(
                slots,
                openJobs,
                2,
                Duration.ofMinutes(5),
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                Duration.ofDays(14),
                100_000,
                100);
    }

    /** How long the engine waits for each of the others. */
    record Patience(KafkaClients.Limits kafka, ImageStore.Limits store, PipelineOptions models) {
        /** As the application is shipped. */
        static final Patience SHIPPED =
                new Patience(KafkaClients.Limits.DEFAULT, ImageStore.Limits.DEFAULT, PipelineOptions.defaults());

        /** So short with a broker that a test need not wait long for it to run out. */
        Patience shortWithKafka() {
            return new Patience(new KafkaClients.Limits(Duration.ofSeconds(1), Duration.ofSeconds(3)), store, models);
        }

        Patience shortWithStore() {
            var limits = new ImageStore.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(3));
            return new Patience(kafka, limits, models);
        }

        Patience shortWithModels() {
            PipelineOptions limits =
                    models.withMetadataDeadline(Duration.ofSeconds(1)).withStepDeadline(Duration.ofSeconds(2));
            return new Patience(kafka, store, limits);
        }
    }

    Member(String brokers, List<String> lanes, StoreSettings storeSettings, EngineSettings settings) {
        this(brokers, lanes, storeSettings, settings, Patience.SHIPPED);
    }

    Member(
            String brokers,
            List<String> lanes,
            StoreSettings storeSettings,
            EngineSettings settings,
            Patience patience) {
        this(brokers, lanes, storeSettings, settings, patience, NO_NAMES);
    }

    /** @param resolver says where lanes are that are given by name */
    Member(
            String brokers,
            List<String> lanes,
            StoreSettings storeSettings,
            EngineSettings settings,
            Patience patience,
            Resolver resolver) {
        var clients =
                new KafkaClients(Map.of("bootstrap.servers", brokers), Optional.empty(), SESSION, patience.kafka());
        Clock clock = Clock.systemUTC();
        store = new ImageStore(storeSettings, patience.store());
        fleet = Fleets.of(lanes, resolver, patience.models(), ROOM);
        thread = new EngineThread(died::countDown);
        // A word that somebody watches never gets old here, however slow the machine is.
        watched = new WatchedJobs(Clock.fixed(clock.instant(), ZoneOffset.UTC));
        log = new KafkaLog(
                clients, this::hear, clock, AnswerArchive.NONE, watched::heard, new LogMeters(metrics), JobTraces.OFF);
        progress = new ProgressSink(clients.progress());
        var told = new JobProgress(clock, progress);
        var meters = new ModelMeters(metrics, LanePower.UNKNOWN, OptionalDouble.empty(), System::nanoTime);
        studio = new LaneStudio(
                fleet,
                new StepTimes(),
                thread,
                told,
                new Previews(watched, Duration.ofMillis(100), clock),
                Drafts.in(store),
                meters,
                JobTraces.OFF);
        gallery = new StoreGallery(store, thread, clock, told, JobTraces.OFF);
        var listener = new EngineMetrics(metrics, told, clock, fleet::drawsWith, JobTraces.OFF);
        var engine = new Engine(
                new World(log, new Deadly(studio), gallery),
                settings,
                clock,
                new SplittableRandom(2),
                submission -> submission.order().images(),
                listener);
        fleet.start();
        thread.start(engine, listener::sample);
        log.start();
        fleet.watch(new EngineHost.LaneEvents(thread, meters, ROOM));
    }

    /** Transactions that were refused or whose outcome stayed unknown: each ends the ownership of its partition. */
    int failedCommits() {
        return failedCommits.get();
    }

    private void hear(Event event) {
        if (event instanceof Event.CommitFailed) {
            failedCommits.incrementAndGet();
        }
        thread.accept(event);
    }

    /** Whether everything lives that the application's liveness asks for. */
    boolean alive() {
        return thread.alive() && log.alive() && died.getCount() == 1;
    }

    boolean joined() {
        return log.joined();
    }

    double count(String meter) {
        return metrics.find(meter).counters().stream()
                .mapToDouble(c -> c.count())
                .sum();
    }

    double gauge(String meter) {
        return metrics.get(meter).gauge().value();
    }

    /** Dies like a process that is killed: nothing is brought to rest, nobody is told. */
    void kill() throws InterruptedException {
        thread.stop();
        close();
    }

    @Override
    public void close() throws InterruptedException {
        if (closed) {
            return;
        }
        closed = true;
        log.close();
        thread.stop();
        studio.close();
        gallery.close();
        progress.close();
        fleet.close();
        store.close();
    }

    private record World(KafkaLog log, Studio studio, StoreGallery gallery) implements Ports {}

    /** A studio in which some jobs end the process. */
    private record Deadly(LaneStudio studio) implements Ports.Studio {
        @Override
        public void begin(
                ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from) {
            if (POISON.contains(image.job())) {
                throw new AssertionError("killed by a job");
            }
            studio.begin(image, lane, tenant, order, from);
        }

        @Override
        public void step(ImageId image, String lane, Canvas canvas) {
            studio.step(image, lane, canvas);
        }

        @Override
        public void abandon(ImageId image) {
            studio.abandon(image);
        }
    }
}
