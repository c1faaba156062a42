package io.wurstwerk.pipeline.triton;

import com.google.protobuf.ByteString;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelInferResponse.InferOutputTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** One output of a ModelInfer, found to be of the declared type and the expected shape. */
final class InferAnswer {
    private final TensorType type;
    private final ByteString raw;

    private InferAnswer(TensorType type, ByteString raw) {
        this.type = type;
        this.raw = raw;
    }

    /**
     * @param shape with the batch dimension
     * @throws TritonModelException if the answer is not of that shape, or not of the type that the model declares
     */
    static InferAnswer of(ServedModel model, ModelInferResponse response, String output, int... shape) {
        TensorType type = TensorType.valueOf(
                Objects.requireNonNull(model.outputs().get(output), output).type());
        List<Long> expected = new ArrayList<>();
        long bytes = type.bytes();
        for (int dim : shape) {
            expected.add((long) dim);
            bytes *= dim;
        }
        for (int i = 0; i < response.getOutputsCount(); i++) {
            InferOutputTensor tensor = response.getOutputs(i);
            if (!tensor.getName().equals(output)) {
                continue;
            }
            long length = i < response.getRawOutputContentsCount()
                    ? response.getRawOutputContents(i).size()
                    : 0;
            if (!tensor.getDatatype().equals(type.name())
                    || !tensor.getShapeList().equals(expected)
                    || length != bytes) {
                throw new TritonModelException(
                        "model " + model.name() + " answered " + output + " as " + tensor.getDatatype() + " "
                                + tensor.getShapeList() + " in " + length + " raw bytes instead of " + type + " "
                                + expected + " in " + bytes,
                        null);
            }
            return new InferAnswer(type, response.getRawOutputContents(i));
        }
        throw new TritonModelException("model " + model.name() + " answered without output " + output, null);
    }

    /** The contents as floats. */
    float[] floats() {
        float[] values = new float[raw.size() / type.bytes()];
        type.decode(raw, values);
        return values;
    }

    /** The contents as they came. */
    byte[] bytes() {
        return raw.toByteArray();
    }
}
