package io.wurstwerk.worker.config;

import io.wurstwerk.triton.protocol.DataType;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelInput;
import io.wurstwerk.triton.protocol.ModelOutput;
import io.wurstwerk.triton.protocol.ModelTensorReshape;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checks of Triton's core on a completed configuration, and those for what this server leaves to Triton. */
final class ConfigRules {
    private static final int MOST_INSTANCES = 64;

    private ConfigRules() {}

    static void check(ModelConfig config) throws ConfigException {
        String model = config.getName();
        require(config.getMaxBatchSize() >= 0, "'max_batch_size' must be non-negative value for " + model);
        for (ModelInput input : config.getInputList()) {
            checkTensor(
                    config,
                    "model input '" + input.getName() + "'",
                    input.getDataType(),
                    input.getDimsList(),
                    input.hasReshape() ? input.getReshape() : null);
            require(
                    !input.getAllowRaggedBatch() && !input.getIsShapeTensor(),
                    unsupported("ragged batches and shape tensors", model));
        }
        for (ModelOutput output : config.getOutputList()) {
            checkTensor(
                    config,
                    "model output '" + output.getName() + "'",
                    output.getDataType(),
                    output.getDimsList(),
                    output.hasReshape() ? output.getReshape() : null);
            require(!output.getIsShapeTensor(), unsupported("shape tensors", model));
        }
        checkBatching(config);
        checkFeatures(config);
        Path file = Path.of(config.getDefaultModelFilename());
        require(
                !file.isAbsolute() && !file.normalize().startsWith(".."),
                "default_model_filename '" + file + "' must not leave the version folder of model " + model);
        int instances = config.getInstanceGroupList().stream()
                .mapToInt(group -> Math.min(group.getCount(), MOST_INSTANCES + 1))
                .sum();
        require(instances <= MOST_INSTANCES, "more than " + MOST_INSTANCES + " instances for " + model);
    }

    private static void checkTensor(
            ModelConfig config, String tensor, DataType type, List<Long> dims, @Nullable ModelTensorReshape reshape)
            throws ConfigException {
        String model = config.getName();
        require(
                !tensor.endsWith(" ''"),
                tensor.substring(0, tensor.length() - 3) + " must specify 'name' for " + model);
        require(
                type != DataType.TYPE_INVALID && type != DataType.UNRECOGNIZED,
                tensor + " must specify 'data_type' for " + model);
        require(type != DataType.TYPE_STRING, unsupported("TYPE_STRING (" + tensor + ")", model));
        require(!dims.isEmpty(), tensor + " must specify 'dims' for " + model);
        for (long dim : dims) {
            require(
                    dim >= 1 || dim == Shapes.VARIABLE,
                    tensor + " dimension must be integer >= 1, or -1 to indicate a variable-size dimension for "
                            + model);
        }
        if (reshape != null) {
            checkReshape(config, tensor, dims, reshape.getShapeList());
        }
    }

    private static void checkReshape(ModelConfig config, String tensor, List<Long> dims, List<Long> shape)
            throws ConfigException {
        String model = config.getName();
        require(
                !shape.isEmpty() || config.getMaxBatchSize() > 0,
                tensor + " cannot have empty reshape for non-batching model as scalar tensors are not supported for "
                        + model);
        for (long dim : shape) {
            require(
                    dim >= 1 || dim == Shapes.VARIABLE,
                    tensor
                            + " reshape dimensions must be integer >= 1, or -1 to indicate a variable-size dimension for "
                            + model);
        }
        boolean sameSize = fixedElements(dims) == fixedElements(shape) && variables(dims) == variables(shape);
        require(sameSize, tensor + " has different size for dims and reshape for " + model);
    }

    private static void checkBatching(ModelConfig config) throws ConfigException {
        if (!config.hasDynamicBatching()) {
            return;
        }
        String model = config.getName();
        for (int preferred : config.getDynamicBatching().getPreferredBatchSizeList()) {
            require(preferred > 0, "dynamic batching preferred size must be positive for " + model);
            require(
                    preferred <= config.getMaxBatchSize(),
                    "dynamic batching preferred size must be <= max batch size for " + model);
        }
        require(
                config.getDynamicBatching().getPriorityLevels() == 0
                        && config.getDynamicBatching().getPriorityQueuePolicyCount() == 0,
                unsupported("priority levels", model));
        require(
                config.getDynamicBatching().getDefaultQueuePolicy().getDefaultTimeoutMicroseconds() == 0
                        && !config.getDynamicBatching().getDefaultQueuePolicy().getAllowTimeoutOverride(),
                unsupported("queue timeouts", model));
        require(
                config.getDynamicBatching().getMaxQueueDelayMicroseconds() >= 0
                        && config.getDynamicBatching().getMaxQueueDelayMicroseconds() <= 3_600_000_000L,
                "max_queue_delay_microseconds must be between 0 and one hour for " + model);
    }

    private static void checkFeatures(ModelConfig config) throws ConfigException {
        String model = config.getName();
        require(!config.hasSequenceBatching(), unsupported("sequence_batching", model));
        require(
                !config.hasEnsembleScheduling() && !config.getPlatform().equals("ensemble"),
                unsupported("ensemble_scheduling", model));
        require(
                config.getBatchInputCount() == 0 && config.getBatchOutputCount() == 0,
                unsupported("batch_input and batch_output", model));
        require(!config.getModelTransactionPolicy().getDecoupled(), unsupported("decoupled transactions", model));
        require(config.getModelRepositoryAgents().getAgentsCount() == 0, unsupported("model_repository_agents", model));
    }

    private static String unsupported(String what, String model) {
        return what + " of model " + model + " cannot be served by this server; NVIDIA Triton can";
    }

    private static long fixedElements(List<Long> shape) {
        long count = 1;
        for (long dim : shape) {
            count *= dim == Shapes.VARIABLE ? 1 : dim;
        }
        return count;
    }

    private static long variables(List<Long> shape) {
        return shape.stream().filter(dim -> dim == Shapes.VARIABLE).count();
    }

    private static void require(boolean holds, String otherwise) throws ConfigException {
        if (!holds) {
            throw new ConfigException(otherwise);
        }
    }
}
