package io.wurstwerk.worker;

import static io.wurstwerk.worker.TritonClient.affine;
import static io.wurstwerk.worker.TritonClient.assertRefused;
import static io.wurstwerk.worker.TritonClient.floats;
import static io.wurstwerk.worker.TritonClient.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
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
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelReadyRequest;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexRequest;
import io.wurstwerk.triton.protocol.RepositoryModelLoadRequest;
import io.wurstwerk.triton.protocol.RepositoryModelUnloadRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryRegisterRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryStatusRequest;
import io.wurstwerk.triton.protocol.SystemSharedMemoryUnregisterRequest;
import io.wurstwerk.triton.protocol.TraceSettingRequest;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statuses and messages, word for word those of tritonserver 2.51.0. */
class StatusTest {
    private static final String UNKNOWN_ID = "[request id: <id_unknown>] ";
    private static final String NOTE = " NOTE: Setting a non-zero max_batch_size in the model config requires a batch"
            + " dimension to be prepended to each input shape. If you want to specify the full shape including the"
            + " batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration"
            + " docs for more info on max_batch_size.";

    private static Worker worker;
    private static TritonClient client;

    @BeforeAll
    static void start() throws IOException {
        worker = Worker.start(WorkerOptions.of(TritonClient.REPOSITORY));
        client = new TritonClient(worker.grpcPort());
    }

    @AfterAll
    static void stop() {
        client.close();
        worker.close();
    }

    private static ModelInferRequest.Builder good() {
        return affine("", 1, 3, 1).toBuilder();
    }

    private static void refused(ModelInferRequest.Builder request, String message) {
        refused(request, Status.Code.INVALID_ARGUMENT, message);
    }

    private static void refused(ModelInferRequest.Builder request, Status.Code code, String message) {
        assertRefused(() -> client.calls().modelInfer(request.build()), code, message);
    }

    @Test
    void anUnknownModelIsNotFound() {
        refused(
                good().setModelName("nope").setId("job-1"),
                Status.Code.NOT_FOUND,
                "Request for unknown model: 'nope' is not found");
        refused(ModelInferRequest.newBuilder(), Status.Code.NOT_FOUND, "Request for unknown model: '' is not found");
    }

    @Test
    void anUnknownVersionIsNotFound() {
        refused(
                good().setModelVersion("9"),
                Status.Code.NOT_FOUND,
                "Request for unknown model: 'affine' version 9 is not found");
        refused(
                good().setModelVersion("0"),
                Status.Code.NOT_FOUND,
                "Request for unknown model: 'affine' version 0 is not found");
    }

    @ParameterizedTest
    @CsvSource({"abc", "99999999999999999999"})
    void textThatIsNoVersionIsRefused(String version) {
        String message = "failed to get model version from specified version string '" + version
                + "' (details: stol), version should be an integral value > 0";
        refused(good().setModelVersion(version), message);
        assertRefused(
                () -> client.calls()
                        .modelReady(ModelReadyRequest.newBuilder()
                                .setName("affine")
                                .setVersion(version)
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                message);
    }

    @Test
    void aNegativeVersionIsRefused() {
        refused(
                good().setModelVersion("-1"),
                "invalid model version specified '-1' , version should be an integral value > 0");
    }

    @Test
    void aWrongShapeIsRefusedWithTheDeclaredOne() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 1, 5, 3)),
                UNKNOWN_ID + "unexpected shape for input 'x' for model 'affine'. Expected [-1,4,-1], got [1,5,3]."
                        + NOTE);
    }

    @Test
    void aShapeWithoutTheReshapedDimensionIsRefused() {
        refused(
                good().setId("job-2").setInputs(1, tensor("r", "FP32", 1)),
                "[request id: job-2] unexpected shape for input 'r' for model 'affine'. Expected [-1,1], got [1]."
                        + NOTE);
    }

    @Test
    void aMissingBatchDimensionIsSeenAsAnotherBatchSize() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 4, 3)),
                UNKNOWN_ID + "input 'x' batch size does not match other inputs for 'affine'");
    }

    @Test
    void noShapeAtAllIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32")),
                UNKNOWN_ID + "input 'x' has no shape but model requires batch dimension for 'affine'");
    }

    @Test
    void aShapeWithoutBatchingIsRefusedWithoutTheNote() {
        refused(
                ModelInferRequest.newBuilder()
                        .setModelName("kinds")
                        .addInputs(tensor("bool", "BOOL", 1))
                        .addInputs(tensor("uint8", "UINT8", 1))
                        .addInputs(tensor("int8", "INT8", 1))
                        .addInputs(tensor("int16", "INT16", 1))
                        .addInputs(tensor("int32", "INT32", 1))
                        .addInputs(tensor("int64", "INT64", 1))
                        .addInputs(tensor("fp32", "FP32", 1))
                        .addInputs(tensor("fp64", "FP64", 1, 1))
                        .addRawInputContents(ByteString.copyFrom(new byte[1]))
                        .addRawInputContents(ByteString.copyFrom(new byte[1]))
                        .addRawInputContents(ByteString.copyFrom(new byte[1]))
                        .addRawInputContents(ByteString.copyFrom(new byte[2]))
                        .addRawInputContents(ByteString.copyFrom(new byte[4]))
                        .addRawInputContents(ByteString.copyFrom(new byte[8]))
                        .addRawInputContents(ByteString.copyFrom(new byte[4]))
                        .addRawInputContents(ByteString.copyFrom(new byte[8])),
                UNKNOWN_ID + "unexpected shape for input 'fp64' for model 'kinds'. Expected [-1], got [1,1]. ");
    }

    @Test
    void anOpenDimensionIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 1, 4, -1)),
                UNKNOWN_ID + "All input dimensions should be specified for input 'x' for model 'affine', got"
                        + " [1,4,-1]");
    }

    @Test
    void anotherTypeIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP16", 1, 4, 3)),
                UNKNOWN_ID + "inference input 'x' data-type is 'FP16', but model 'affine' expects 'FP32'");
        refused(
                good().setInputs(0, tensor("x", "FLOAT16", 1, 4, 3)),
                UNKNOWN_ID + "inference input 'x' data-type is '<invalid>', but model 'affine' expects 'FP32'");
    }

    @ParameterizedTest
    @CsvSource({"0", "46", "50"})
    void anotherNumberOfBytesIsRefused(int bytes) {
        refused(
                good().setRawInputContents(0, ByteString.copyFrom(new byte[bytes])),
                UNKNOWN_ID + "input byte size mismatch for input 'x' for model 'affine'. Expected 48, got " + bytes);
    }

    @Test
    void aBatchOfNothingIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 0, 4, 3))
                        .setInputs(1, tensor("r", "FP32", 0, 1))
                        .setRawInputContents(0, ByteString.EMPTY)
                        .setRawInputContents(1, ByteString.EMPTY),
                UNKNOWN_ID + "input byte size mismatch for input 'r' for model 'affine'. Expected 4, got 0");
    }

    @Test
    void aNegativeBatchIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", -1, 4, 3)).setInputs(1, tensor("r", "FP32", -1, 1)),
                UNKNOWN_ID + "input byte size mismatch for input 'r' for model 'affine'. Expected 17179869180, got 4");
    }

    @Test
    void aTensorWithoutElementsIsRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 1, 4, 0)).setRawInputContents(0, ByteString.EMPTY),
                UNKNOWN_ID + "input 'x' for model 'affine' has no elements: [1,4,0]");
    }

    @Test
    void sizesBeyondAllMemoryAreRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 1, 4, Long.MAX_VALUE)),
                UNKNOWN_ID + "input 'x' for model 'affine' is too large: [1,4,9223372036854775807]");
    }

    @Test
    void aBatchAboveTheLimitIsRefused() {
        refused(affine("", 5, 3, 1).toBuilder(), UNKNOWN_ID + "inference request batch-size must be <= 4 for 'affine'");
    }

    @Test
    void differentBatchSizesAreRefused() {
        refused(
                good().setInputs(0, tensor("x", "FP32", 2, 4, 3)),
                UNKNOWN_ID + "input 'x' batch size does not match other inputs for 'affine'");
    }

    @Test
    void aMissingInputIsNamed() {
        refused(
                good().removeInputs(1),
                UNKNOWN_ID + "expected 2 inputs but got 1 inputs for model 'affine'. Got input(s) ['x'], but missing"
                        + " required input(s) ['r']. Please provide all required input(s).");
        refused(
                good().clearInputs(),
                UNKNOWN_ID + "expected 2 inputs but got 0 inputs for model 'affine'. Got input(s) [], but missing"
                        + " required input(s) ['x','r']. Please provide all required input(s).");
    }

    @Test
    void anUnknownInputIsNamed() {
        refused(good().setInputs(1, tensor("q", "FP32", 1, 1)), "unexpected inference input 'q' for model 'affine'");
    }

    @Test
    void anInputGivenTwiceIsRefused() {
        refused(good().setInputs(1, tensor("x", "FP32", 1, 4, 3)), UNKNOWN_ID + "input 'x' already exists in request");
    }

    @Test
    void anUnknownOutputIsNamed() {
        refused(
                good().addOutputs(InferRequestedOutputTensor.newBuilder().setName("foo")),
                "unexpected inference output 'foo' for model 'affine'");
    }

    @Test
    void anInputWithoutDataIsNamed() {
        ModelInferRequest.Builder request = good().clearRawInputContents();
        request.addRawInputContents(floats(new float[12]));
        refused(request, "unable to find data for input tensor 'r' for model 'affine' in request.");
    }

    @Test
    void oneRawEntryTooManyIsIgnored() {
        ModelInferRequest request =
                good().addRawInputContents(ByteString.copyFromUtf8("12")).build();
        TritonClient.assertAffine(request, client.calls().modelInfer(request));
    }

    @Test
    void typedContentsBesideRawOnesAreRefused() {
        ModelInferRequest.Builder request = good();
        request.getInputsBuilder(1).setContents(InferTensorContents.newBuilder().addFp32Contents(1));
        refused(
                request,
                "contents field must not be specified when using raw_input_contents for 'r' for model 'affine'");
    }

    @Test
    void typedContentsOfAnotherTypeAreRefused() {
        ModelInferRequest.Builder request = good().clearRawInputContents();
        request.getInputsBuilder(0).setContents(InferTensorContents.newBuilder().addInt64Contents(1));
        refused(
                request,
                "unexpected explicit tensor data for input tensor 'x' for model 'affine' of type 'INT64', expected"
                        + " datatype 'FP32'");
        request.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder().addBytesContents(ByteString.copyFromUtf8("a")));
        refused(
                request,
                "unexpected explicit tensor data for input tensor 'x' for model 'affine' of type 'BYTES', expected"
                        + " datatype 'FP32'");
    }

    @Test
    void typedContentsInTwoFieldsAreRefused() {
        ModelInferRequest.Builder request = good().clearRawInputContents();
        request.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder().addFp32Contents(1).addFp64Contents(1));
        refused(
                request,
                "unexpected explicit tensor data for input tensor 'x' for model 'affine', binary data was already"
                        + " supplied.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sequence_id|int64_param or string_param",
                "timeout|int64_param",
                "priority|int64_param or uint64_param",
            })
    void aParameterOfAnotherTypeIsRefused(String key, String expected) {
        refused(
                good().putParameters(
                                key,
                                InferParameter.newBuilder().setBoolParam(true).build()),
                "invalid value type for '" + key + "' parameter, expected " + expected + ".");
    }

    @ParameterizedTest
    @CsvSource({"sequence_start", "sequence_end", "triton_enable_empty_final_response"})
    void aFlagThatIsNoBooleanIsRefused(String key) {
        refused(
                good().putParameters(
                                key,
                                InferParameter.newBuilder().setInt64Param(1).build()),
                "invalid value type for '" + key + "' parameter, expected bool_param.");
    }

    @Test
    void customParametersMayHaveFourTypes() {
        ModelInferRequest request = good().putParameters(
                        "a", InferParameter.newBuilder().setStringParam("x").build())
                .putParameters(
                        "b", InferParameter.newBuilder().setDoubleParam(1).build())
                .putParameters(
                        "timeout", InferParameter.newBuilder().setInt64Param(1).build())
                .build();
        TritonClient.assertAffine(request, client.calls().modelInfer(request));
        refused(
                good().putParameters(
                                "a",
                                InferParameter.newBuilder().setUint64Param(1).build()),
                "invalid value type for 'a' parameter, expected int64_param, bool_param, or string_param.");
        refused(
                good().putParameters(
                                "priority",
                                InferParameter.newBuilder().setInt64Param(-1).build()),
                "invalid value for 'priority', expected value >= 0.");
        refused(
                good().putParameters(
                                "triton_foo",
                                InferParameter.newBuilder().setStringParam("x").build()),
                "parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys"
                        + " starting with 'triton_' are allowed: triton_enable_empty_final_response");
    }

    @Test
    void sharedMemoryIsSwitchedOff() {
        String disabled =
                "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.";
        ModelInferRequest.Builder request = good();
        request.getInputsBuilder(0)
                .putParameters(
                        "shared_memory_region",
                        InferParameter.newBuilder().setStringParam("region").build());
        refused(request, Status.Code.UNIMPLEMENTED, disabled);
        assertRefused(
                () -> client.calls()
                        .systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.newBuilder()
                                .setName("a")
                                .build()),
                Status.Code.UNIMPLEMENTED,
                disabled);
        assertRefused(
                () -> client.calls()
                        .cudaSharedMemoryRegister(CudaSharedMemoryRegisterRequest.newBuilder()
                                .setName("a")
                                .build()),
                Status.Code.UNIMPLEMENTED,
                disabled);
        assertRefused(
                () -> client.calls()
                        .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.newBuilder()
                                .setName("a")
                                .build()),
                Status.Code.NOT_FOUND,
                "Unable to find system shared memory region: 'a'");
        assertThat(client.calls()
                        .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance())
                        .getRegionsCount())
                .isZero();
        assertThat(client.calls()
                        .cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest.getDefaultInstance())
                        .getRegionsCount())
                .isZero();
        assertThat(client.calls()
                        .systemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest.getDefaultInstance()))
                .isNotNull();
        assertThat(client.calls().cudaSharedMemoryUnregister(CudaSharedMemoryUnregisterRequest.getDefaultInstance()))
                .isNotNull();
    }

    @Test
    void modelsCannotBeLoadedOrUnloaded() {
        String message = "explicit model load / unload is not allowed if polling is enabled";
        assertRefused(
                () -> client.calls()
                        .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                                .setModelName("affine")
                                .build()),
                Status.Code.UNAVAILABLE,
                message);
        assertRefused(
                () -> client.calls()
                        .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                                .setModelName("affine")
                                .build()),
                Status.Code.UNAVAILABLE,
                message);
    }

    @Test
    void repositoriesHaveNoNames() {
        String message = "'repository_name' specification is not supported";
        assertRefused(
                () -> client.calls()
                        .repositoryIndex(RepositoryIndexRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()),
                Status.Code.UNIMPLEMENTED,
                message);
        assertRefused(
                () -> client.calls()
                        .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()),
                Status.Code.UNIMPLEMENTED,
                message);
        assertRefused(
                () -> client.calls()
                        .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                                .setRepositoryName("x")
                                .build()),
                Status.Code.UNIMPLEMENTED,
                message);
    }

    @Test
    void whatIsNotThereIsUnimplemented() {
        assertUnimplemented(() -> client.calls().logSettings(LogSettingsRequest.getDefaultInstance()));
        assertUnimplemented(() -> client.calls().traceSetting(TraceSettingRequest.getDefaultInstance()));
        assertUnimplemented(() -> HealthGrpc.newBlockingStub(client.channel())
                .watch(HealthCheckRequest.getDefaultInstance())
                .next());
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> unknown =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("inference.GRPCInferenceService/Nope")
                        .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        assertUnimplemented(() -> ClientCalls.blockingUnaryCall(
                client.channel(), unknown, CallOptions.DEFAULT, HealthCheckRequest.getDefaultInstance()));
    }

    private static void assertUnimplemented(java.util.concurrent.Callable<?> call) {
        org.assertj.core.api.Assertions.assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        io.grpc.StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
    }

    @Test
    void aModelThatIsNotThereIsMerelyNotReady() {
        assertThat(ready("affine", "")).isTrue();
        assertThat(ready("affine", "1")).isTrue();
        assertThat(ready("affine", "9")).isFalse();
        assertThat(ready("nope", "")).isFalse();
        assertThat(ready("", "")).isFalse();
    }

    private static boolean ready(String name, String version) {
        return client.calls()
                .modelReady(ModelReadyRequest.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .build())
                .getReady();
    }

    @Test
    void questionsAboutUnknownModelsAreRefused() {
        assertRefused(
                () -> client.calls()
                        .modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName("nope")
                                .build()),
                Status.Code.NOT_FOUND,
                "Request for unknown model: 'nope' is not found");
        assertRefused(
                () -> client.calls()
                        .modelConfig(
                                ModelConfigRequest.newBuilder().setName("nope").build()),
                Status.Code.NOT_FOUND,
                "Request for unknown model: 'nope' is not found");
        assertRefused(
                () -> client.calls()
                        .modelStatistics(ModelStatisticsRequest.newBuilder()
                                .setName("nope")
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "requested model 'nope' is not available");
        assertRefused(
                () -> client.calls()
                        .modelStatistics(ModelStatisticsRequest.newBuilder()
                                .setName("affine")
                                .setVersion("7")
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "requested model version is not available for model 'affine'");
    }

    @Test
    void aGraphThatFailsIsAnInternalError() {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName("failing")
                .addInputs(tensor("i", "INT64", 1, 1))
                .addRawInputContents(TritonClient.longs(17))
                .build();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> client.calls().modelInfer(request))
                .isInstanceOfSatisfying(io.grpc.StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
                    assertThat(e.getStatus().getDescription())
                            .startsWith("onnx runtime error 2: ")
                            .contains("indices element out of data bounds, idx=17");
                });
    }
}
