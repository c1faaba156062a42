package io.wurstwerk.worker.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Loads ONNX graphs for the CPU. */
public final class OnnxLoader implements Engine.Loader {
    private final int intraOpThreads;
    private final LongSupplier nanoTime;

    /**
     * @param intraOpThreads threads of one execution where the config has no {@code intra_op_thread_count} parameter
     * @param nanoTime monotonic time for the statistics
     */
    public OnnxLoader(int intraOpThreads, LongSupplier nanoTime) {
        this.intraOpThreads = intraOpThreads;
        this.nanoTime = nanoTime;
    }

    @Override
    public Engine load(ModelSpec model, Path versionFolder) throws ConfigException {
        refuseOtherBackends(model);
        Path file = versionFolder.resolve(model.config().getDefaultModelFilename());
        if (Files.isDirectory(file)) {
            file = file.resolve("model.onnx");
        }
        if (!Files.isRegularFile(file)) {
            throw new ConfigException("Unavailable: unable to find '" + file + "' for model '" + model.name() + "'");
        }
        try (OrtSession.SessionOptions options = options(model)) {
            OrtSession session = environment().createSession(file.toString(), options);
            try {
                return new OnnxEngine(model, session, nanoTime);
            } catch (OrtException | ConfigException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new ConfigException("Internal: onnx runtime error: " + e.getMessage());
        } catch (ConfigException e) {
            throw new ConfigException("Invalid argument: " + e.reason());
        }
    }

    /** ONNX Runtime itself stays silent on standard error: what fails is reported by the exceptions. */
    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    }

    private static void refuseOtherBackends(ModelSpec model) throws ConfigException {
        String backend = model.config().getBackend();
        String platform = model.config().getPlatform();
        if (!backend.equals("onnxruntime")) {
            throw new ConfigException("Invalid argument: model '" + model.name() + "' is for "
                    + (backend.isEmpty() ? "platform '" + platform : "backend '" + backend)
                    + "', which this server does not have: it runs ONNX graphs on the CPU. Serve the model with"
                    + " NVIDIA Triton, or start without a --model-config-name that selects this configuration.");
        }
        for (var group : model.config().getInstanceGroupList()) {
            switch (group.getKind()) {
                case KIND_CPU, KIND_MODEL -> {}
                case KIND_GPU, KIND_AUTO, UNRECOGNIZED ->
                    throw new ConfigException("Invalid argument: instance group "
                            + group.getName() + " of model " + model.name() + " has kind " + group.getKind()
                            + " but no GPUs are available");
            }
        }
    }

    private OrtSession.SessionOptions options(ModelSpec model) throws OrtException, ConfigException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        try {
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(threads(model, "intra_op_thread_count", intraOpThreads));
            options.setInterOpNumThreads(threads(model, "inter_op_thread_count", 1));
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return options;
        } catch (OrtException | ConfigException | RuntimeException e) {
            options.close();
            throw e;
        }
    }

    private static int threads(ModelSpec model, String parameter, int otherwise) throws ConfigException {
        @Nullable String value = model.parameter(parameter);
        if (value == null) {
            return otherwise;
        }
        try {
            int threads = Integer.parseInt(value.strip());
            if (threads >= 0 && threads <= 1024) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // Refused below with every other value that is no thread count.
        }
        throw new ConfigException("parameter " + parameter + " of model '" + model.name()
                + "' must be a number of threads, 0 for one per core, but is '" + value + "'");
    }
}
