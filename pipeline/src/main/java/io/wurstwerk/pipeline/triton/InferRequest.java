package io.wurstwerk.pipeline.triton;

import com.google.protobuf.ByteString;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.pipeline.triton.ServedModel.Tensor;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import java.util.List;
import java.util.Objects;

/** One ModelInfer being put together: rows become a batch in the types that the model declares. Used once. */
final class InferRequest {
    private final ServedModel model;
    private final int batch;
    private final ModelInferRequest.Builder message;

    InferRequest(ServedModel model, int batch) {
        this.model = model;
        this.batch = batch;
        this.message = ModelInferRequest.newBuilder().setModelName(model.name());
    }

    /**
     * A floating point input with one array of shape {@code dims} for each row.
     *
     * @throws TritonModelException if a value is too large for the type that the model declares: sent as infinity it
     *     would become a black picture
     */
    InferRequest floats(String name, List<float[]> rows, int... dims) {
        Tensor tensor = Objects.requireNonNull(model.inputs().get(name), name);
        TensorType type = TensorType.valueOf(tensor.type());
        for (float[] row : rows) {
            for (float value : row) {
                if (Math.abs(value) >= type.overflow()) {
                    throw new TritonModelException(
                            "input " + name + " of model " + model.name() + " has the value " + value
                                    + ", too large for " + type + ": serve this model in BF16 or FP32",
                            null);
                }
            }
        }
        return add(name, type.name(), type.encode(rows), dims);
    }

    /** Latents or image embeddings, one array for each row. */
    InferRequest latents(String name, List<float[]> rows, LatentShape shape) {
        return floats(name, rows, shape.channels(), shape.height(), shape.width());
    }

    /** An INT64 input with one vector for each row. */
    InferRequest longs(String name, List<long[]> rows) {
        return add(name, TensorType.INT64.name(), TensorType.encodeLongs(rows), rows.getFirst().length);
    }

    private InferRequest add(String name, String type, ByteString contents, int... dims) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(type).addShape(batch);
        for (int dim : dims) {
            input.addShape(dim);
        }
        message.addInputs(input).addRawInputContents(contents);
        return this;
    }

    /** Calls the model for one output. */
    ModelInferResponse send(TritonClient client, String output, CallContext context) {
        ModelInferRequest request = message.addOutputs(
                        InferRequestedOutputTensor.newBuilder().setName(output))
                .build();
        ModelInferResponse response = client.infer(request, context.metadata());
        context.answered(new ModelCall(
                model.name(), batch, model.maxBatchSize(), request.getSerializedSize(), response.getSerializedSize()));
        return response;
    }
}
