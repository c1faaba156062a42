package io.wurstwerk.worker.engine;

import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import java.nio.file.Path;
import java.util.List;

/** One loaded model version. Executions may run at the same time. */
public interface Engine extends AutoCloseable {
    /**
     * Runs requests that stack (see {@link InferenceRequest#stacksWith}) as one execution.
     *
     * @throws InferenceException INTERNAL when the graph fails; no request of the batch has an answer then
     */
    Execution execute(List<InferenceRequest> batch) throws InferenceException;

    /** Makes running executions fail soon. */
    void abort();

    /** Frees the model. No execution may be running. */
    @Override
    void close();

    /** Loads model versions. */
    interface Loader {
        /**
         * Loads the model in a version folder and checks it against its configuration.
         *
         * @throws ConfigException with the reason for the repository index
         */
        Engine load(ModelSpec model, Path versionFolder) throws ConfigException;
    }
}
