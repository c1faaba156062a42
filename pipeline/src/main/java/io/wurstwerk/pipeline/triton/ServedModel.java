package io.wurstwerk.pipeline.triton;

import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelMetadataResponse;
import io.wurstwerk.triton.protocol.ModelMetadataResponse.TensorMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A model as the server describes it.
 *
 * @param maxBatchSize most items in one call; 0 if the model does not batch
 */
record ServedModel(
        String name,
        List<String> versions,
        String platform,
        int maxBatchSize,
        SequencedMap<String, Tensor> inputs,
        SequencedMap<String, Tensor> outputs,
        Map<String, String> parameters) {

    private static final String PREVIEW = "preview_";

    /**
     * @param type as Triton names it, perhaps one that no Würstchen model has
     * @param dims per item, without the batch dimension; -1 for any
     */
    record Tensor(String type, List<Long> dims) {
        @Override
        public String toString() {
            return type + " " + dims;
        }
    }

    static ServedModel read(TritonClient client, String name) {
        ModelMetadataResponse metadata = client.modelMetadata(name);
        ModelConfig config = client.modelConfig(name);
        boolean batches = config.getMaxBatchSize() > 0;
        Map<String, String> parameters = new TreeMap<>();
        config.getParametersMap().forEach((key, value) -> parameters.put(key, value.getStringValue()));
        return new ServedModel(
                name,
                List.copyOf(metadata.getVersionsList()),
                metadata.getPlatform(),
                config.getMaxBatchSize(),
                tensors(metadata.getInputsList(), batches),
                tensors(metadata.getOutputsList(), batches),
                parameters);
    }

    private static SequencedMap<String, Tensor> tensors(List<TensorMetadata> list, boolean batches) {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (TensorMetadata tensor : list) {
            List<Long> shape = tensor.getShapeList();
            List<Long> dims = batches && !shape.isEmpty() ? shape.subList(1, shape.size()) : shape;
            tensors.put(tensor.getName(), new Tensor(tensor.getDatatype(), List.copyOf(dims)));
        }
        return tensors;
    }

    /** What makes this model draw what it draws, as one line of text: not how it is previewed. */
    String identity() {
        Map<String, String> deciding = new TreeMap<>(parameters);
        deciding.keySet().removeIf(key -> key.startsWith(PREVIEW));
        return name + " " + versions + " " + platform + " " + inputs + " " + outputs + " " + deciding;
    }
}
