package io.wurstwerk.orchestrator.host;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.Checkpoint;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineSettings;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.fleet.StepTimes;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.ownership.KafkaLog;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.orchestrator.studio.JobProgress;
import io.wurstwerk.orchestrator.studio.LaneStudio;
import io.wurstwerk.orchestrator.studio.ProgressSink;
import io.wurstwerk.orchestrator.studio.StoreGallery;
import io.wurstwerk.pipeline.PipelineOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** An engine as the application builds it, without the framework. */
final class Member implements AutoCloseable {
    static final int SESSION = 6_000;

    /** Jobs that kill the process whose engine begins to draw them. */
    static final Set<JobId> POISON = ConcurrentHashMap.newKeySet();

    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final CountDownLatch died = new CountDownLatch(1);
    private final ImageStore store;
    private final Lane lane;
    private final EngineThread thread;
    private final KafkaLog log;
    private final LaneStudio studio;
    private final StoreGallery gallery;
    private final ProgressSink progress;
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

    Member(String brokers, String triton, StoreSettings storeSettings, EngineSettings settings) {
        var clients = new KafkaClients(Map.of("bootstrap.servers", brokers), Optional.empty(), SESSION);
        Clock clock = Clock.systemUTC();
        store = new ImageStore(storeSettings);
        lane = new Lane(
                triton,
                PipelineOptions.defaults(),
                Duration.ofMillis(100),
                new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), new SplittableRandom(1)));
        thread = new EngineThread(died::countDown);
        log = new KafkaLog(clients, thread, clock);
        progress = new ProgressSink(clients.progress());
        var told = new JobProgress(clock, progress);
        studio = new LaneStudio(lane, new StepTimes(), thread, told);
        gallery = new StoreGallery(store, thread, clock, told);
        var listener = new EngineMetrics(metrics, told, clock);
        var engine = new Engine(
                new World(log, new Deadly(studio), gallery),
                settings,
                clock,
                new SplittableRandom(2),
                submission -> submission.order().images(),
                listener);
        lane.start();
        thread.start(engine, listener::sample);
        log.start();
        lane.onModels(models -> thread.accept(new Event.Models(models)));
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
        lane.close();
        store.close();
    }

    private record World(KafkaLog log, Studio studio, StoreGallery gallery) implements Ports {}

    /** A studio in which some jobs end the process. */
    private record Deadly(LaneStudio studio) implements Ports.Studio {
        @Override
        public void begin(ImageId image, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from) {
            if (POISON.contains(image.job())) {
                throw new AssertionError("killed by a job");
            }
            studio.begin(image, tenant, order, from);
        }

        @Override
        public void step(ImageId image, Canvas canvas) {
            studio.step(image, canvas);
        }

        @Override
        public void abandon(ImageId image) {
            studio.abandon(image);
        }
    }
}
