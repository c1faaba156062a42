package io.wurstwerk.orchestrator.view;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.wurstwerk.orchestrator.host.EngineHost;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.topic.KafkaConfig;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Opens the view with the application, and closes it after everyone who asks it. */
@ApplicationScoped
public class ViewHost {

    private static final Logger LOG = Logger.getLogger(ViewHost.class);
    private static final int RECORDS = 500;
    private static final int SESSION = 10_000;

    private final Path folder;
    private final boolean passing;
    private final JobJson json;
    private final JobView view;
    private final TopicFollower follower;

    ViewHost(
            ViewConfig config,
            KafkaConfig kafkaConfig,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            ImageStore store,
            EngineHost engine,
            Clock clock) {
        this.passing = config.folder().isEmpty();
        this.folder = config.folder().orElseGet(ViewHost::passingFolder);
        this.json = new JobJson(key -> store.presignedGet(key, store.apiUrlExpiry()), store.apiUrlExpiry(), clock);
        this.view = JobView.open(
                folder,
                new ViewBounds(config.jobs(), config.retention(), config.cacheMegabytes()),
                json,
                order -> engine.predictedSeconds(order.order()),
                clock);
        this.follower = new TopicFollower(
                new KafkaClients(kafka, Optional.empty(), SESSION, KafkaClients.Limits.DEFAULT).reader(RECORDS),
                view,
                kafkaConfig.partitions());
    }

    @Produces
    @Singleton
    JobView view() {
        return view;
    }

    @Produces
    @Singleton
    JobJson json() {
        return json;
    }

    /** Whether the view knows all that was written before this instance started. */
    public boolean caughtUp() {
        return follower.caughtUp();
    }

    void start(@Observes StartupEvent started) {
        follower.start();
    }

    void stop(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) ShutdownEvent stopping) {
        follower.close();
        view.close();
        if (passing) {
            clear();
        }
    }

    private static Path passingFolder() {
        try {
            return Files.createTempDirectory("wurstwerk-view");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the view: set wurstwerk.view.folder", e);
        }
    }

    private void clear() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            LOG.warnf("cannot clear %s: %s", folder, left.getMessage());
        }
    }
}
