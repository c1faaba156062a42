package io.wurstwerk.worker.config;

import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelDynamicBatching;
import io.wurstwerk.triton.protocol.ModelInstanceGroup;
import io.wurstwerk.triton.protocol.ModelOptimizationPolicy;
import io.wurstwerk.triton.protocol.ModelVersionPolicy;

/** Fills in what Triton's core fills in, so that the ModelConfig rpc shows the same configuration. */
public final class ConfigCompletion {
    static final String ONNX_BACKEND = "onnxruntime";
    private static final String ONNX_PLATFORM = "onnxruntime_onnx";
    private static final int DEFAULT_CPU_INSTANCES = 2;

    private ConfigCompletion() {}

    /**
     * The completed configuration of the model in the folder of this name.
     *
     * @throws ConfigException with Triton's words where the configuration contradicts itself, and with this server's
     *     where it asks for something that only Triton can do
     */
    public static ModelConfig complete(ModelConfig written, String folder) throws ConfigException {
        ModelConfig.Builder config = written.toBuilder();
        if (config.getName().isEmpty()) {
            config.setName(folder);
        }
        if (!config.getName().equals(folder)) {
            throw new ConfigException("unexpected directory name '" + folder + "' for model '" + config.getName()
                    + "', directory name must equal model name");
        }
        completeBackend(config);
        if (!config.hasVersionPolicy() || config.getVersionPolicy().equals(ModelVersionPolicy.getDefaultInstance())) {
            config.setVersionPolicy(ModelVersionPolicy.newBuilder()
                    .setLatest(ModelVersionPolicy.Latest.newBuilder().setNumVersions(1)));
        }
        completeInstances(config);
        completeOptimization(config);
        if (config.hasDynamicBatching()
                && config.getDynamicBatching().getPreferredBatchSizeCount() == 0
                && config.getMaxBatchSize() > 0) {
            config.setDynamicBatching(ModelDynamicBatching.newBuilder(config.getDynamicBatching())
                    .addPreferredBatchSize(config.getMaxBatchSize()));
        }
        ModelConfig completed = config.build();
        ConfigRules.check(completed);
        return completed;
    }

    private static void completeBackend(ModelConfig.Builder config) {
        String file = config.getDefaultModelFilename();
        boolean unnamed = config.getBackend().isEmpty() && config.getPlatform().isEmpty();
        if (config.getPlatform().equals(ONNX_PLATFORM) || (unnamed && (file.isEmpty() || file.endsWith(".onnx")))) {
            config.setBackend(ONNX_BACKEND);
        }
        if (config.getBackend().equals(ONNX_BACKEND)) {
            if (config.getPlatform().isEmpty()) {
                config.setPlatform(ONNX_PLATFORM);
            }
            if (file.isEmpty()) {
                config.setDefaultModelFilename("model.onnx");
            }
        }
    }

    private static void completeInstances(ModelConfig.Builder config) {
        if (config.getInstanceGroupCount() == 0) {
            config.addInstanceGroup(ModelInstanceGroup.newBuilder().setName(config.getName()));
        }
        for (int i = 0; i < config.getInstanceGroupCount(); i++) {
            ModelInstanceGroup.Builder group = config.getInstanceGroupBuilder(i);
            if (group.getName().isEmpty()) {
                group.setName(config.getName() + "_" + i);
            }
            if (group.getKind() == ModelInstanceGroup.Kind.KIND_AUTO && group.getGpusCount() == 0) {
                group.setKind(ModelInstanceGroup.Kind.KIND_CPU);
            }
            if (group.getCount() < 1) {
                boolean two = group.getKind() == ModelInstanceGroup.Kind.KIND_CPU;
                group.setCount(two ? DEFAULT_CPU_INSTANCES : 1);
            }
        }
    }

    private static void completeOptimization(ModelConfig.Builder config) {
        ModelOptimizationPolicy.Builder optimization = config.getOptimizationBuilder();
        if (!optimization.hasInputPinnedMemory()) {
            optimization.getInputPinnedMemoryBuilder().setEnable(true);
        }
        if (!optimization.hasOutputPinnedMemory()) {
            optimization.getOutputPinnedMemoryBuilder().setEnable(true);
        }
    }
}
