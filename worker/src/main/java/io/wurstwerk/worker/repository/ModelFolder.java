package io.wurstwerk.worker.repository;

import io.wurstwerk.worker.config.ConfigCompletion;
import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ConfigReader;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.inference.RequestReader;
import io.wurstwerk.worker.scheduling.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model of the repository after loading.
 *
 * @param name folder and model name
 * @param configured whether its configuration was accepted; a model whose was not is unknown to clients
 * @param versions the versions that are served
 * @param index its lines of the repository index
 */
record ModelFolder(String name, boolean configured, TreeMap<Long, ServedModel> versions, List<IndexEntry> index) {
    private static final Logger LOG = LoggerFactory.getLogger(ModelFolder.class);

    /** Makes the scheduler of a loaded engine. */
    interface SchedulerMaker {
        Scheduler make(ModelSpec model, Engine engine);
    }

    static ModelFolder load(Path folder, @Nullable String configName, Engine.Loader loader, SchedulerMaker schedulers) {
        String name = folder.getFileName().toString();
        ModelSpec model;
        List<Long> versions;
        try {
            model = ModelSpec.of(ConfigCompletion.complete(ConfigReader.read(folder, configName), name));
            List<Long> present = VersionNumbers.present(folder);
            versions = VersionNumbers.served(model.config().getVersionPolicy(), present);
            for (long wanted : model.config().getVersionPolicy().getSpecific().getVersionsList()) {
                if (!present.contains(wanted)) {
                    LOG.warn("version {} is specified for model '{}', but its folder is not present", wanted, name);
                }
            }
        } catch (ConfigException e) {
            return unavailable(name, false, e.reason());
        } catch (IOException e) {
            return unavailable(name, false, "cannot list " + folder + ": " + e);
        } catch (RuntimeException e) {
            LOG.error("failed to read the configuration of '{}'", name, e);
            return unavailable(name, false, "Internal: " + e);
        }
        if (versions.isEmpty()) {
            return unavailable(
                    name,
                    true,
                    "at least one version must be available under the version policy of model '" + name + "'");
        }
        return load(folder, model, versions, loader, schedulers);
    }

    private static ModelFolder load(
            Path folder, ModelSpec model, List<Long> versions, Engine.Loader loader, SchedulerMaker schedulers) {
        TreeMap<Long, ServedModel> served = new TreeMap<>();
        List<IndexEntry> index = new ArrayList<>();
        for (long version : versions) {
            try {
                Engine engine = loader.load(model, folder.resolve(Long.toString(version)));
                Scheduler scheduler = schedulers.make(model, engine);
                served.put(version, new ServedModel(model, version, new RequestReader(model), scheduler, engine));
                index.add(new IndexEntry(model.name(), Long.toString(version), true, ""));
            } catch (ConfigException e) {
                LOG.error("failed to load '{}' version {}: {}", model.name(), version, e.reason());
                index.add(new IndexEntry(model.name(), Long.toString(version), false, e.reason()));
            }
        }
        return new ModelFolder(model.name(), true, served, List.copyOf(index));
    }

    private static ModelFolder unavailable(String name, boolean configured, String reason) {
        LOG.error("failed to load '{}': {}", name, reason);
        return new ModelFolder(name, configured, new TreeMap<>(), List.of(new IndexEntry(name, "", false, reason)));
    }

    boolean ready() {
        return index.stream().allMatch(IndexEntry::ready);
    }
}
