package io.wurstwerk.worker.contract;

import static io.wurstwerk.worker.TritonClient.affine;
import static io.wurstwerk.worker.TritonClient.floats;
import static io.wurstwerk.worker.TritonClient.tensor;

import com.google.protobuf.ByteString;
import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.InferTensorContents;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.wurstwerk.worker.TritonClient;
import java.util.List;
import java.util.Locale;

/** Inferences that are answered. */
final class InferenceCases {
    private InferenceCases() {}

    static List<ContractCase> all() {
        return List.of(
                infers("an inference with an id", affine("job-7/step-3", 2, 3, 10).toBuilder()),
                infers("an inference without an id", affine("", 1, 1, 0).toBuilder()),
                infers("a full batch", affine("", 4, 2, 0).toBuilder()),
                infers("a version by number", affine("", 1, 1, 0).toBuilder().setModelVersion("1")),
                infers(
                        "one output, asked for twice",
                        affine("", 1, 1, 0).toBuilder().addOutputs(output("s")).addOutputs(output("s"))),
                infers(
                        "outputs in another order",
                        affine("", 1, 1, 0).toBuilder().addOutputs(output("s")).addOutputs(output("y"))),
                infers("inputs in another order", swapped(affine("", 2, 2, 5))),
                infers("typed contents", typed(affine("", 1, 2, 3))),
                infers("typed contents of every type", everyKind()),
                infers(
                        "one raw entry too many",
                        affine("", 1, 1, 0).toBuilder().addRawInputContents(ByteString.copyFromUtf8("12"))),
                infers(
                        "parameters of one's own",
                        affine("", 1, 1, 0).toBuilder()
                                .putParameters("a", text("x"))
                                .putParameters(
                                        "b",
                                        InferParameter.newBuilder()
                                                .setDoubleParam(1)
                                                .build())
                                .putParameters(
                                        "c",
                                        InferParameter.newBuilder()
                                                .setBoolParam(true)
                                                .build())
                                .putParameters("timeout", number(1))
                                .putParameters("priority", number(0))),
                infers(
                        "FP16 tensors",
                        one(
                                "half",
                                "FP16",
                                TritonClient.shorts(
                                        (short) 0x3C00,
                                        (short) 0xC000,
                                        (short) 0x0001,
                                        (short) 0x7BFF,
                                        (short) 0x8000,
                                        (short) 0x7C00))),
                infers("BF16 tensors", one("brain", "BF16", TritonClient.shorts((short) 0x3F80, (short) 0x7F80))),
                infers(
                        "FP32 tensors for an FP16 graph",
                        one("widened", "FP32", floats(1f, 1.0004882f, 1.0014648f, 70000f))),
                infers("a tensor without elements", noElements()),
                infers("a batch of nothing", nothing()));
    }

    private static ContractCase infers(String name, ModelInferRequest.Builder request) {
        return new ContractCase(name, server -> server.infer(request));
    }

    static InferRequestedOutputTensor output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name).build();
    }

    static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private static ModelInferRequest.Builder swapped(ModelInferRequest request) {
        return request.toBuilder()
                .setInputs(0, request.getInputs(1))
                .setInputs(1, request.getInputs(0))
                .setRawInputContents(0, request.getRawInputContents(1))
                .setRawInputContents(1, request.getRawInputContents(0));
    }

    private static ModelInferRequest.Builder typed(ModelInferRequest request) {
        ModelInferRequest.Builder typed = request.toBuilder().clearRawInputContents();
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferTensorContents.Builder contents = InferTensorContents.newBuilder();
            for (float value : floats(request.getRawInputContents(i))) {
                contents.addFp32Contents(value);
            }
            typed.getInputsBuilder(i).setContents(contents);
        }
        return typed;
    }

    private static ModelInferRequest.Builder one(String model, String type, ByteString contents) {
        int width = contents.size() / (type.equals("FP32") ? 4 : 2);
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(tensor("x", type, 1, width))
                .addRawInputContents(contents);
    }

    private static ModelInferRequest.Builder noElements() {
        return affine("", 1, 3, 1).toBuilder()
                .setInputs(0, tensor("x", "FP32", 1, 4, 0))
                .setRawInputContents(0, ByteString.EMPTY);
    }

    private static ModelInferRequest.Builder nothing() {
        return affine("", 1, 3, 1).toBuilder()
                .setInputs(0, tensor("x", "FP32", 0, 4, 3))
                .setInputs(1, tensor("r", "FP32", 0, 1))
                .setRawInputContents(0, ByteString.EMPTY)
                .setRawInputContents(1, ByteString.EMPTY);
    }

    static ModelInferRequest.Builder everyKind() {
        return ModelInferRequest.newBuilder()
                .setModelName("kinds")
                .addInputs(kind("bool", InferTensorContents.newBuilder().addBoolContents(true)))
                .addInputs(kind("uint8", InferTensorContents.newBuilder().addUintContents(200)))
                .addInputs(kind("int8", InferTensorContents.newBuilder().addIntContents(-3)))
                .addInputs(kind("int16", InferTensorContents.newBuilder().addIntContents(0x0102)))
                .addInputs(kind("int32", InferTensorContents.newBuilder().addIntContents(0x01020304)))
                .addInputs(kind("int64", InferTensorContents.newBuilder().addInt64Contents(-2)))
                .addInputs(kind("fp32", InferTensorContents.newBuilder().addFp32Contents(1.5f)))
                .addInputs(kind("fp64", InferTensorContents.newBuilder().addFp64Contents(-1.5)));
    }

    private static ModelInferRequest.InferInputTensor.Builder kind(String name, InferTensorContents.Builder contents) {
        return tensor(name, name.toUpperCase(Locale.ROOT), 1).toBuilder().setContents(contents);
    }

    static ModelInferRequest.InferInputTensor.Builder kind(String name, long... shape) {
        return tensor(name, name.toUpperCase(Locale.ROOT), shape).toBuilder()
                .setContents(InferTensorContents.newBuilder().addFp64Contents(-1.5));
    }
}
