package io.wurstwerk.worker.config;

import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelDynamicBatching;
import io.wurstwerk.triton.protocol.ModelInput;
import io.wurstwerk.triton.protocol.ModelInstanceGroup;
import io.wurstwerk.triton.protocol.ModelOutput;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A completed configuration in the terms the server works with.
 *
 * @param name model name
 * @param maxBatchSize most items of a request; 0 where the shapes have no batch dimension
 * @param inputs declared inputs in config order
 * @param outputs declared outputs in config order
 * @param batching how requests are merged
 * @param instances executions that may run at the same time
 * @param config the completed configuration, as the ModelConfig rpc shows it
 */
public record ModelSpec(
        String name,
        int maxBatchSize,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        BatchingPolicy batching,
        int instances,
        ModelConfig config) {
    public ModelSpec {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Reads a configuration that {@link ConfigCompletion} has completed and checked. */
    public static ModelSpec of(ModelConfig config) {
        BatchingPolicy batching = batching(config);
        int instances = batching.ordered()
                ? 1
                : config.getInstanceGroupList().stream()
                        .mapToInt(ModelInstanceGroup::getCount)
                        .sum();
        return new ModelSpec(
                config.getName(),
                config.getMaxBatchSize(),
                config.getInputList().stream().map(ModelSpec::input).toList(),
                config.getOutputList().stream().map(ModelSpec::output).toList(),
                batching,
                instances,
                config);
    }

    /** Whether every shape on the wire starts with a batch dimension. */
    public boolean batches() {
        return maxBatchSize > 0;
    }

    /** The input with this name, or null. */
    public @Nullable TensorSpec input(String tensor) {
        return find(inputs, tensor);
    }

    /** The output with this name, or null. */
    public @Nullable TensorSpec output(String tensor) {
        return find(outputs, tensor);
    }

    /** A whole wire shape as metadata and messages show it: with -1 in front where there is a batch dimension. */
    public List<Long> wireShape(TensorSpec tensor) {
        return batches() ? Shapes.batched(Shapes.VARIABLE, tensor.dims()) : tensor.dims();
    }

    /** The value of one of the config's {@code parameters}, or null. */
    public @Nullable String parameter(String key) {
        return config.containsParameters(key) ? config.getParametersOrThrow(key).getStringValue() : null;
    }

    private static @Nullable TensorSpec find(List<TensorSpec> specs, String name) {
        for (TensorSpec spec : specs) {
            if (spec.name().equals(name)) {
                return spec;
            }
        }
        return null;
    }

    private static TensorSpec input(ModelInput input) {
        return new TensorSpec(
                input.getName(),
                Objects.requireNonNull(ElementType.of(input.getDataType())),
                input.getDimsList(),
                input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList(),
                input.getOptional());
    }

    private static TensorSpec output(ModelOutput output) {
        return new TensorSpec(
                output.getName(),
                Objects.requireNonNull(ElementType.of(output.getDataType())),
                output.getDimsList(),
                output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList(),
                false);
    }

    private static BatchingPolicy batching(ModelConfig config) {
        if (!config.hasDynamicBatching() || config.getMaxBatchSize() == 0) {
            return BatchingPolicy.single(config.getMaxBatchSize());
        }
        ModelDynamicBatching dynamic = config.getDynamicBatching();
        return new BatchingPolicy(
                true,
                config.getMaxBatchSize(),
                new HashSet<>(dynamic.getPreferredBatchSizeList()),
                Math.multiplyExact(dynamic.getMaxQueueDelayMicroseconds(), 1000),
                dynamic.getDefaultQueuePolicy().getMaxQueueSize(),
                dynamic.getPreserveOrdering());
    }
}
