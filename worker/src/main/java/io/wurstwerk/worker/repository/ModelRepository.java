package io.wurstwerk.worker.repository;

import io.grpc.Status;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.scheduling.QueueLimits;
import io.wurstwerk.worker.scheduling.Scheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All models of a repository folder, loaded once at start. Closing it frees them. */
public final class ModelRepository implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);
    private static final int LOADERS = 4;
    private static final Duration AFTER_ABORT = Duration.ofSeconds(2);

    private final SortedMap<String, ModelFolder> models;

    private ModelRepository(SortedMap<String, ModelFolder> models) {
        this.models = models;
    }

    /**
     * Loads every model in the folder; those that cannot be served are in the index with the reason.
     *
     * @param configName see {@link io.wurstwerk.worker.config.ConfigReader}
     * @throws IOException when the folder cannot be read
     */
    public static ModelRepository load(
            Path folder,
            @Nullable String configName,
            Engine.Loader loader,
            QueueLimits limits,
            Scheduler.Surroundings surroundings)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException("no model repository at " + folder);
        }
        ModelFolder.SchedulerMaker schedulers = (model, engine) -> {
            Scheduler scheduler = new Scheduler(model, engine, limits, surroundings);
            scheduler.start();
            return scheduler;
        };
        List<Future<ModelFolder>> loading;
        try (ExecutorService loaders = Executors.newFixedThreadPool(LOADERS, surroundings.threads())) {
            loading = folders(folder).stream()
                    .map(model -> loaders.submit(() -> ModelFolder.load(model, configName, loader, schedulers)))
                    .toList();
        }
        SortedMap<String, ModelFolder> models = new TreeMap<>();
        for (Future<ModelFolder> loaded : loading) {
            if (loaded.state() == Future.State.FAILED) {
                throw new IOException(
                        "cannot load models from " + folder + ": " + loaded.exceptionNow(), loaded.exceptionNow());
            }
            ModelFolder model = loaded.resultNow();
            models.put(model.name(), model);
        }
        return new ModelRepository(models);
    }

    private static List<Path> folders(Path repository) throws IOException {
        try (Stream<Path> entries = Files.list(repository)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Whether every model of the repository is served. */
    public boolean ready() {
        return models.values().stream().allMatch(ModelFolder::ready);
    }

    /** The index, by model name and version. */
    public List<IndexEntry> index() {
        return models.values().stream().flatMap(model -> model.index().stream()).toList();
    }

    /** Every served version of every model. */
    public List<ServedModel> served() {
        return models.values().stream()
                .flatMap(model -> model.versions().values().stream())
                .toList();
    }

    /** The served versions of one model, ascending; empty where there are none. */
    public List<ServedModel> served(String name) {
        ModelFolder model = models.get(name);
        return model == null ? List.of() : List.copyOf(model.versions().values());
    }

    /**
     * The version a request means.
     *
     * @param version a number as text, empty for the newest
     * @throws InferenceException NOT_FOUND or, for text that is no version, INVALID_ARGUMENT
     */
    public ServedModel find(String name, String version) throws InferenceException {
        long number = VersionNumbers.requested(version);
        String unknown = "Request for unknown model: '" + name + "'";
        ModelFolder model = models.get(name);
        if (model == null || !model.configured()) {
            throw new InferenceException(Status.Code.NOT_FOUND, unknown + " is not found");
        }
        if (number == VersionNumbers.NEWEST) {
            if (model.versions().isEmpty()) {
                throw new InferenceException(Status.Code.NOT_FOUND, unknown + " has no available versions");
            }
            return model.versions().lastEntry().getValue();
        }
        ServedModel served = model.versions().get(number);
        if (served == null) {
            throw new InferenceException(Status.Code.NOT_FOUND, unknown + " version " + number + " is not found");
        }
        return served;
    }

    /** Like {@link #find}, but unknown models and versions are merely not ready. */
    public boolean ready(String name, String version) throws InferenceException {
        long number = VersionNumbers.requested(version);
        ModelFolder model = models.get(name);
        if (model == null) {
            return false;
        }
        return number == VersionNumbers.NEWEST
                ? !model.versions().isEmpty()
                : model.versions().containsKey(number);
    }

    /** From now on every model refuses requests; what was accepted still runs. */
    public void stopAccepting() {
        served().forEach(model -> model.scheduler().stopAccepting());
    }

    /**
     * Waits, after {@link #stopAccepting}, until everything accepted has its answer.
     *
     * @return false when that took longer than {@code limit}; what was left has been failed
     */
    public boolean drain(Duration limit) throws InterruptedException {
        List<ServedModel> all = served();
        long deadline = System.nanoTime() + limit.toNanos();
        boolean drained = true;
        for (ServedModel model : all) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            drained &= model.scheduler().awaitDrained(left);
        }
        if (!drained) {
            all.forEach(model -> model.scheduler().abandon());
        }
        return drained;
    }

    /** Frees the models whose executions have ended; call {@link #drain} before. */
    @Override
    public void close() {
        List<String> stuck = new ArrayList<>();
        for (ServedModel model : served()) {
            model.scheduler().abandon();
            try {
                if (model.scheduler().awaitDrained(AFTER_ABORT)) {
                    model.engine().close();
                } else {
                    stuck.add(model.name());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stuck.add(model.name());
            }
        }
        if (!stuck.isEmpty()) {
            LOG.warn("executions of {} did not end; their memory is freed with the process", stuck);
        }
    }
}
