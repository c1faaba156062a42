package io.wurstwerk.worker.protocol;

import io.wurstwerk.triton.protocol.InferBatchStatistics;
import io.wurstwerk.triton.protocol.InferStatistics;
import io.wurstwerk.triton.protocol.ModelMetadataResponse;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.StatisticDuration;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.TensorSpec;
import io.wurstwerk.worker.repository.ServedModel;
import io.wurstwerk.worker.scheduling.InferenceCounters;
import java.util.List;

/** Metadata and statistics of a model in the protocol's terms. */
final class ModelDescriptions {
    private ModelDescriptions() {}

    static ModelMetadataResponse metadata(ServedModel model, List<ServedModel> versions) {
        ModelMetadataResponse.Builder metadata = ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .setPlatform(model.spec().config().getPlatform());
        versions.forEach(version -> metadata.addVersions(Long.toString(version.version())));
        model.spec().inputs().forEach(input -> metadata.addInputs(tensor(model.spec(), input)));
        model.spec().outputs().forEach(output -> metadata.addOutputs(tensor(model.spec(), output)));
        return metadata.build();
    }

    private static ModelMetadataResponse.TensorMetadata tensor(ModelSpec model, TensorSpec tensor) {
        return ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(tensor.name())
                .setDatatype(tensor.type().protocolName())
                .addAllShape(model.wireShape(tensor))
                .build();
    }

    static ModelStatistics statistics(ServedModel model) {
        InferenceCounters.Snapshot counts = model.scheduler().counters().snapshot();
        ModelStatistics.Builder statistics = ModelStatistics.newBuilder()
                .setName(model.name())
                .setVersion(Long.toString(model.version()))
                .setLastInference(counts.lastInferenceMillis())
                .setInferenceCount(counts.inferences())
                .setExecutionCount(counts.executions())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(duration(counts.success()))
                        .setFail(duration(counts.fail()))
                        .setQueue(duration(counts.queue()))
                        .setComputeInput(duration(counts.input()))
                        .setComputeInfer(duration(counts.infer()))
                        .setComputeOutput(duration(counts.output()))
                        .setCacheHit(duration(InferenceCounters.Total.NONE))
                        .setCacheMiss(duration(InferenceCounters.Total.NONE)));
        counts.batches()
                .forEach((items, batch) -> statistics.addBatchStats(InferBatchStatistics.newBuilder()
                        .setBatchSize(items)
                        .setComputeInput(duration(batch.input()))
                        .setComputeInfer(duration(batch.infer()))
                        .setComputeOutput(duration(batch.output()))));
        return statistics.build();
    }

    private static StatisticDuration duration(InferenceCounters.Total total) {
        return StatisticDuration.newBuilder()
                .setCount(total.count())
                .setNs(total.nanos())
                .build();
    }
}
