package io.wurstwerk.worker.repository;

import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.inference.RequestReader;
import io.wurstwerk.worker.scheduling.Scheduler;

/**
 * One loaded version of a model, ready for requests.
 *
 * @param spec its configuration
 * @param version its number
 * @param reader checks requests for it
 * @param scheduler runs them
 * @param engine the loaded graph
 */
public record ServedModel(ModelSpec spec, long version, RequestReader reader, Scheduler scheduler, Engine engine) {
    /** The model's name. */
    public String name() {
        return spec.name();
    }
}
