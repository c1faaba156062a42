package io.wurstwerk.worker;

import static io.wurstwerk.worker.TritonClient.affine;
import static io.wurstwerk.worker.TritonClient.floats;
import static io.wurstwerk.worker.TritonClient.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.wurstwerk.triton.protocol.InferTensorContents;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InferenceTest {
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

    @Test
    void anAnswerHasRawContentsShapesAndTheId() {
        ModelInferRequest request = affine("job-7/step-3", 2, 3, 10);
        ModelInferResponse response = client.calls().modelInfer(request);
        assertThat(response.getModelName()).isEqualTo("affine");
        assertThat(response.getModelVersion()).isEqualTo("1");
        assertThat(response.getId()).isEqualTo("job-7/step-3");
        assertThat(response.getParametersMap()).isEmpty();
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP32");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L, 4L, 3L);
        assertThat(response.getOutputs(0).hasContents()).isFalse();
        TritonClient.assertAffine(request, response);
    }

    @Test
    void reshapeHidesTheLastDimensionFromTheGraphBothWays() {
        ModelInferResponse response = client.calls().modelInfer(affine("", 3, 1, 0));
        assertThat(response.getOutputs(1).getShapeList()).containsExactly(3L, 1L);
        assertThat(floats(response.getRawOutputContents(1))).containsExactly(-0.5f, -1.5f, -2.5f);
    }

    @Test
    void onlyTheOutputsAskedForAreSentAndOnlyOnce() {
        ModelInferRequest request = affine("", 1, 1, 0).toBuilder()
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("s"))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("s"))
                .build();
        ModelInferResponse response = client.calls().modelInfer(request);
        assertThat(response.getOutputsList())
                .extracting(ModelInferResponse.InferOutputTensor::getName)
                .containsExactly("s");
        assertThat(response.getRawOutputContentsCount()).isEqualTo(1);
    }

    @Test
    void inputsMayComeInAnyOrder() {
        ModelInferRequest request = affine("", 2, 2, 5);
        ModelInferRequest swapped = request.toBuilder()
                .setInputs(0, request.getInputs(1))
                .setInputs(1, request.getInputs(0))
                .setRawInputContents(0, request.getRawInputContents(1))
                .setRawInputContents(1, request.getRawInputContents(0))
                .build();
        TritonClient.assertAffine(request, client.calls().modelInfer(swapped));
    }

    @Test
    void typedContentsEqualRawOnes() {
        ModelInferRequest request = affine("", 1, 2, 3);
        ModelInferRequest.Builder typed = request.toBuilder().clearRawInputContents();
        for (int i = 0; i < 2; i++) {
            InferTensorContents.Builder contents = InferTensorContents.newBuilder();
            for (float value : floats(request.getRawInputContents(i))) {
                contents.addFp32Contents(value);
            }
            typed.getInputsBuilder(i).setContents(contents);
        }
        TritonClient.assertAffine(request, client.calls().modelInfer(typed.build()));
    }

    private static ModelInferRequest.InferInputTensor typed(
            String name, String type, InferTensorContents.Builder contents) {
        return tensor(name, type, 1).toBuilder().setContents(contents).build();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void halfTensorsPassAnFp32GraphUnchanged() {
        ByteString halves = TritonClient.shorts(
                (short) 0x3C00, (short) 0xC000, (short) 0x0001, (short) 0x7BFF, (short) 0x8000, (short) 0x7C00);
        assertEchoed("half", "FP16", halves);
        assertEchoed("brain", "BF16", halves);
    }

    @Test
    void fp32TensorsReachAnFp16GraphRoundedToNearestEven() {
        ModelInferResponse response = infer("widened", "FP32", floats(1f, 1.0004882f, 1.0014648f, 70000f));
        assertThat(floats(response.getRawOutputContents(0)))
                .containsExactly(1f, 1f, 1.0019531f, Float.POSITIVE_INFINITY);
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP32");
    }

    private static void assertEchoed(String model, String type, ByteString contents) {
        ModelInferResponse response = infer(model, type, contents);
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo(type);
        assertThat(response.getRawOutputContents(0)).isEqualTo(contents);
    }

    private static ModelInferResponse infer(String model, String type, ByteString contents) {
        int width = contents.size() / (type.equals("FP32") ? 4 : 2);
        return client.calls()
                .modelInfer(ModelInferRequest.newBuilder()
                        .setModelName(model)
                        .addInputs(tensor("x", type, 1, width))
                        .addRawInputContents(contents)
                        .build());
    }

    @Test
    void anotherConfigurationIsReadWhereAModelHasIt() throws IOException {
        try (Worker small =
                        Worker.start(WorkerOptions.of(TritonClient.REPOSITORY).withModelConfigName("small"));
                TritonClient other = new TritonClient(small.grpcPort())) {
            assertThat(other.calls()
                            .modelConfig(ModelConfigRequest.newBuilder()
                                    .setName("affine")
                                    .build())
                            .getConfig()
                            .getMaxBatchSize())
                    .isEqualTo(2);
            assertThat(small.models()).hasSize(7);
        }
    }

    @Test
    void statisticsCountRequestsItemsAndExecutions() throws IOException {
        try (Worker fresh = Worker.start(WorkerOptions.of(TritonClient.REPOSITORY));
                TritonClient other = new TritonClient(fresh.grpcPort())) {
            other.calls().modelInfer(affine("", 1, 1, 0));
            other.calls().modelInfer(affine("", 3, 1, 0));
            ModelStatistics statistics = other.calls()
                    .modelStatistics(ModelStatisticsRequest.newBuilder()
                            .setName("affine")
                            .build())
                    .getModelStats(0);
            assertThat(statistics.getInferenceCount()).isEqualTo(4);
            assertThat(statistics.getExecutionCount()).isEqualTo(2);
            assertThat(statistics.getLastInference()).isPositive();
            assertThat(statistics.getInferenceStats().getSuccess().getCount()).isEqualTo(2);
            assertThat(statistics.getInferenceStats().getFail().getCount()).isZero();
            assertThat(statistics.getInferenceStats().getComputeInfer().getCount())
                    .isEqualTo(2);
            assertThat(statistics.getBatchStatsList().stream().map(batch -> batch.getBatchSize()))
                    .isEqualTo(List.of(1L, 3L));
            long parts = statistics.getInferenceStats().getQueue().getNs()
                    + statistics.getInferenceStats().getComputeInput().getNs()
                    + statistics.getInferenceStats().getComputeInfer().getNs()
                    + statistics.getInferenceStats().getComputeOutput().getNs();
            assertThat(statistics.getInferenceStats().getSuccess().getNs()).isGreaterThanOrEqualTo(parts);
            assertThat(other.calls()
                            .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                            .getModelStatsList())
                    .hasSize(7);
        }
    }
}
