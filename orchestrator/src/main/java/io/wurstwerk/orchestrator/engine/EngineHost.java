package io.wurstwerk.orchestrator.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.topic.KafkaConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.Producer;
import org.jboss.logging.Logger;

/** The engine's place in the framework: built from the configuration, started and stopped with the application. */
@ApplicationScoped
public class EngineHost {

    private static final Logger LOG = Logger.getLogger(EngineHost.class);
    private static final Duration STOP = Duration.ofSeconds(3);

    private final SubmissionLoop loop;
    private final Thread thread;
    private final Producer<String, byte[]> answers;
    private final ProgressSink progress;

    EngineHost(
            EngineConfig config,
            KafkaConfig kafkaConfig,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            Lane lane,
            ImageStore store,
            MeterRegistry registry,
            Clock clock,
            RandomGenerator random) {
        requireWithin("wurstwerk.engine.generations", config.generations(), 1, 1_000);
        requireWithin("wurstwerk.engine.queue", config.queue(), 1, 10_000);
        requireWithin("wurstwerk.engine.index", config.index(), 1_000, 10_000_000);
        var clients = new KafkaClients(kafka, kafkaConfig.instance(), Math.min(config.queue(), 50));
        var metrics = new EngineMetrics(registry);
        var backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), random);
        this.answers = clients.answers();
        this.progress = new ProgressSink(clients.progress());
        var workshop =
                new Workshop(lane, store, new Semaphore(config.generations(), true), progress, backoff, clock, metrics);
        var finish = new Finish(answers, backoff, clock, metrics);
        var engine = new Engine(workshop, finish, new JobIndex(config.index()), config.queue());
        this.loop = new SubmissionLoop(clients::submissions, engine, metrics, backoff);
        this.thread = Thread.ofPlatform().name("wurstwerk-engine").daemon().unstarted(loop);
    }

    void start(@Observes StartupEvent started) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        loop.stop();
        if (!thread.join(STOP)) {
            LOG.warn("the engine did not stop in time; its jobs will be read again");
        }
        answers.close(Duration.ZERO);
        progress.close();
    }

    /** Whether submissions are being consumed. */
    public boolean consuming() {
        return thread.isAlive() && loop.joined();
    }

    /** Whether the engine's own thread lives, with or without a broker. */
    public boolean alive() {
        return thread.isAlive();
    }

    private static void requireWithin(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
