package io.wurstwerk.worker.contract;

import static io.wurstwerk.worker.TritonClient.affine;
import static io.wurstwerk.worker.TritonClient.floats;
import static io.wurstwerk.worker.TritonClient.tensor;
import static io.wurstwerk.worker.contract.InferenceCases.number;
import static io.wurstwerk.worker.contract.InferenceCases.output;
import static io.wurstwerk.worker.contract.InferenceCases.text;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.wurstwerk.triton.protocol.CudaSharedMemoryRegisterRequest;
import io.wurstwerk.triton.protocol.CudaSharedMemoryStatusRequest;
import io.wurstwerk.triton.protocol.CudaSharedMemoryUnregisterRequest;
import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.InferTensorContents;
import io.wurstwerk.triton.protocol.LogSettingsRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexRequest;
import io.wurstwerk.triton.protocol.RepositoryModelLoadRequest;
import io.wurstwerk.triton.protocol.RepositoryModelUnloadRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryRegisterRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryStatusRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryUnregisterRequest;
import io.wurstwerk.triton.protocol.TraceSettingRequest;
import io.wurstwerk.worker.TritonClient;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Requests that are refused, with code and message. */
final class RefusalCases {
    private RefusalCases() {}

    private static ContractCase request(String name, UnaryOperator<ModelInferRequest.Builder> change) {
        ModelInferRequest.Builder changed = change.apply(affine("", 1, 3, 1).toBuilder());
        return new ContractCase(name, server -> server.infer(changed));
    }

    /** Tensors that do not fit the model. */
    static List<ContractCase> tensors() {
        List<ContractCase> cases = new ArrayList<>();
        cases.add(request("another channel count", good -> good.setInputs(0, tensor("x", "FP32", 1, 5, 3))));
        cases.add(request(
                "a shape without the reshaped dimension",
                good -> good.setId("job-2").setInputs(1, tensor("r", "FP32", 1))));
        cases.add(request("a missing batch dimension", good -> good.setInputs(0, tensor("x", "FP32", 4, 3))));
        cases.add(request("no shape at all", good -> good.setInputs(0, tensor("x", "FP32"))));
        cases.add(request("an open dimension", good -> good.setInputs(0, tensor("x", "FP32", 1, 4, -1))));
        cases.add(request("another type", good -> good.setInputs(0, tensor("x", "FP16", 1, 4, 3))));
        cases.add(request("no type", good -> good.setInputs(0, tensor("x", "FLOAT16", 1, 4, 3))));
        for (int bytes : new int[] {0, 46, 50}) {
            cases.add(request(
                    bytes + " bytes instead of 48",
                    good -> good.setRawInputContents(0, ByteString.copyFrom(new byte[bytes]))));
        }
        cases.add(request(
                "a negative batch",
                good -> good.setInputs(0, tensor("x", "FP32", -1, 4, 3)).setInputs(1, tensor("r", "FP32", -1, 1))));
        cases.add(request(
                "a size beyond all memory", good -> good.setInputs(0, tensor("x", "FP32", 1, 4, Long.MAX_VALUE))));
        cases.add(new ContractCase("a batch above the limit", server -> server.infer(affine("", 5, 3, 1).toBuilder())));
        cases.add(request("different batch sizes", good -> good.setInputs(0, tensor("x", "FP32", 2, 4, 3))));
        cases.add(request(
                "two wrong types",
                good -> good.setInputs(0, tensor("x", "FP16", 1, 4, 3)).setInputs(1, tensor("r", "INT64", 1, 1))));
        cases.add(request(
                "two wrong shapes",
                good -> good.setInputs(0, tensor("x", "FP32", 1, 5, 3)).setInputs(1, tensor("r", "FP32", 1, 2))));
        cases.add(request(
                "a wrong type and a wrong shape",
                good -> good.setInputs(0, tensor("x", "FP16", 1, 4, 3)).setInputs(1, tensor("r", "FP32", 1, 2))));
        cases.add(request(
                "two wrong sizes",
                good -> good.setRawInputContents(0, ByteString.copyFrom(new byte[46]))
                        .setRawInputContents(1, ByteString.copyFrom(new byte[3]))));
        cases.add(request("a missing input", good -> good.removeInputs(1)));
        cases.add(request("no inputs", good -> good.clearInputs()));
        cases.add(request("an unknown input", good -> good.setInputs(1, tensor("q", "FP32", 1, 1))));
        cases.add(request("an input given twice", good -> good.setInputs(1, tensor("x", "FP32", 1, 4, 3))));
        cases.add(request("an unknown output", good -> good.addOutputs(output("foo"))));
        cases.add(request(
                "an input without data",
                good -> good.clearRawInputContents().addRawInputContents(floats(new float[12]))));
        cases.add(new ContractCase(
                "another rank without batching",
                server -> server.infer(InferenceCases.everyKind().setInputs(7, InferenceCases.kind("fp64", 1, 1)))));
        cases.add(new ContractCase("a graph that fails", server -> server.infer(failing())));
        return cases;
    }

    /** A request that fits its model, whose run fails. */
    static ModelInferRequest.Builder failing() {
        return ModelInferRequest.newBuilder()
                .setModelName("failing")
                .addInputs(tensor("i", "INT64", 1, 1))
                .addRawInputContents(TritonClient.longs(17));
    }

    /** Requests that are wrong in something else than their tensors. */
    static List<ContractCase> requests() {
        List<ContractCase> cases = new ArrayList<>();
        cases.add(request("an unknown model", good -> good.setModelName("nope").setId("job-1")));
        cases.add(new ContractCase("an empty request", server -> server.infer(ModelInferRequest.newBuilder())));
        for (String version : List.of("9", "0", "-1", "abc", "1abc", "99999999999999999999")) {
            cases.add(request("version '" + version + "'", good -> good.setModelVersion(version)));
        }
        cases.add(request("typed contents beside raw ones", good -> {
            good.getInputsBuilder(1)
                    .setContents(InferTensorContents.newBuilder().addFp32Contents(1));
            return good;
        }));
        cases.add(contents(
                "typed contents of another type",
                InferTensorContents.newBuilder().addInt64Contents(1)));
        cases.add(contents(
                "strings for a number",
                InferTensorContents.newBuilder().addBytesContents(ByteString.copyFromUtf8("a"))));
        cases.add(contents(
                "typed contents in two fields",
                InferTensorContents.newBuilder().addFp32Contents(1).addFp64Contents(1)));
        InferParameter flag = InferParameter.newBuilder().setBoolParam(true).build();
        for (String key : List.of("sequence_id", "timeout", "priority")) {
            cases.add(parameter(key, "a flag", flag));
        }
        for (String key : List.of("sequence_start", "sequence_end", "triton_enable_empty_final_response")) {
            cases.add(parameter(key, "a number", number(1)));
        }
        cases.add(parameter(
                "a", "unsigned", InferParameter.newBuilder().setUint64Param(1).build()));
        cases.add(parameter("priority", "negative", number(-1)));
        cases.add(parameter("triton_foo", "text", text("x")));
        return cases;
    }

    private static ContractCase contents(String name, InferTensorContents.Builder contents) {
        return request(name, good -> {
            good.clearRawInputContents().getInputsBuilder(0).setContents(contents);
            return good;
        });
    }

    private static ContractCase parameter(String key, String kind, InferParameter value) {
        return request("parameter " + key + ", " + kind, good -> good.putParameters(key, value));
    }

    /** Services that are not offered, and questions that have no answer. */
    static List<ContractCase> services() {
        List<ContractCase> cases = new ArrayList<>();
        cases.add(new ContractCase("statistics of an unknown model", server -> statistics(server, "nope", "")));
        cases.add(new ContractCase("statistics of an unknown version", server -> statistics(server, "affine", "7")));
        cases.add(new ContractCase(
                "loading a model",
                server -> server.call(() -> server.client()
                        .calls()
                        .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                                .setModelName("affine")
                                .build()))));
        cases.add(new ContractCase(
                "unloading a model",
                server -> server.call(() -> server.client()
                        .calls()
                        .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                                .setModelName("affine")
                                .build()))));
        cases.add(new ContractCase(
                "loading from a named repository",
                server -> server.call(() -> server.client()
                        .calls()
                        .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()))));
        cases.add(new ContractCase(
                "unloading from a named repository",
                server -> server.call(() -> server.client()
                        .calls()
                        .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()))));
        cases.add(new ContractCase(
                "the index of a named repository",
                server -> server.call(() -> server.client()
                        .calls()
                        .repositoryIndex(RepositoryIndexRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()))));
        cases.add(new ContractCase(
                "log settings",
                server -> server.call(
                        () -> server.client().calls().logSettings(LogSettingsRequest.getDefaultInstance()))));
        cases.add(new ContractCase(
                "trace settings",
                server -> server.call(
                        () -> server.client().calls().traceSetting(TraceSettingRequest.getDefaultInstance()))));
        cases.add(new ContractCase(
                "watching health",
                server -> server.call(
                        () -> HealthGrpc.newBlockingStub(server.client().channel())
                                .watch(HealthCheckRequest.getDefaultInstance())
                                .next())));
        cases.add(new ContractCase(
                "an unknown call",
                server -> server.call(() -> ClientCalls.blockingUnaryCall(
                        server.client().channel(),
                        unknownCall(),
                        CallOptions.DEFAULT,
                        HealthCheckRequest.getDefaultInstance()))));
        cases.addAll(sharedMemory());
        return cases;
    }

    private static String statistics(Conversation server, String model, String version) throws Exception {
        return server.call(() -> server.client()
                .calls()
                .modelStatistics(ModelStatisticsRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build()));
    }

    private static MethodDescriptor<HealthCheckRequest, HealthCheckResponse> unknownCall() {
        return MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("inference.GRPCInferenceService/Nope")
                .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                .build();
    }

    private static List<ContractCase> sharedMemory() {
        return List.of(
                request("a tensor in shared memory", good -> {
                    good.getInputsBuilder(0).putParameters("shared_memory_region", text("region"));
                    return good;
                }),
                new ContractCase(
                        "registering system shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.newBuilder()
                                        .setName("a")
                                        .build()))),
                new ContractCase(
                        "registering CUDA shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .cudaSharedMemoryRegister(CudaSharedMemoryRegisterRequest.newBuilder()
                                        .setName("a")
                                        .build()))),
                new ContractCase(
                        "an unknown region of system shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.newBuilder()
                                        .setName("a")
                                        .build()))),
                new ContractCase(
                        "all regions of system shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance()))),
                new ContractCase(
                        "all regions of CUDA shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest.getDefaultInstance()))),
                new ContractCase(
                        "unregistering all system shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .systemSharedMemoryUnregister(
                                        SystemSharedMemoryUnregisterRequest.getDefaultInstance()))),
                new ContractCase(
                        "unregistering all CUDA shared memory",
                        server -> server.call(() -> server.client()
                                .calls()
                                .cudaSharedMemoryUnregister(CudaSharedMemoryUnregisterRequest.getDefaultInstance()))));
    }
}
