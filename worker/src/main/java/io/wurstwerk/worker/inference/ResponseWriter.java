package io.wurstwerk.worker.inference;

import io.wurstwerk.triton.protocol.ModelInferResponse;
import java.util.List;

/** Answers in the protocol's terms: raw contents only, in the order of the outputs. */
public final class ResponseWriter {
    private ResponseWriter() {}

    /** The answer of version {@code version} of {@code model} to the request with this id. */
    public static ModelInferResponse write(String model, long version, String id, List<OutputTensor> outputs) {
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(model)
                .setModelVersion(Long.toString(version))
                .setId(id);
        for (OutputTensor output : outputs) {
            response.addOutputsBuilder()
                    .setName(output.spec().name())
                    .setDatatype(output.spec().type().protocolName())
                    .addAllShape(output.shape());
            response.addRawOutputContents(output.contents());
        }
        return response.build();
    }
}
