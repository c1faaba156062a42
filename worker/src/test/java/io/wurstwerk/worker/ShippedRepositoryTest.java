package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelMetadataResponse.TensorMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The repository that comes with the project, as it is. */
class ShippedRepositoryTest {
    private static final Path REPOSITORY = Path.of("../triton-models/repository");

    private static Worker worker;
    private static TritonClient client;

    @BeforeAll
    static void start() throws IOException {
        worker = Worker.start(WorkerOptions.of(REPOSITORY));
        client = new TritonClient(worker.grpcPort());
    }

    @AfterAll
    static void stop() {
        client.close();
        worker.close();
    }

    @Test
    void everyModelIsServed() {
        assertThat(worker.failures()).isEmpty();
        assertThat(worker.ready()).isTrue();
        assertThat(worker.models())
                .contains("stage_a", "stage_b", "stage_c_interpolated", "text_encoder_decoder", "text_encoder_prior");
    }

    @Test
    void theGpuConfigurationsAreRefusedWithAReason() throws IOException {
        try (Worker gpu = Worker.start(WorkerOptions.of(REPOSITORY).withModelConfigName("gpu"))) {
            assertThat(gpu.ready()).isFalse();
            assertThat(gpu.failures().values())
                    .isNotEmpty()
                    .allSatisfy(reason -> assertThat(reason).contains("tensorrt_plan"));
        }
    }

    /** Bit for bit: what DESIGN promises for a batch with strangers on the CPU. */
    @ParameterizedTest
    @CsvSource({
        "stage_c_interpolated, 6, 6",
        "stage_c_interpolated, 12, 12",
        "stage_b, 6, 64",
        "stage_a, 0, 64",
        "text_encoder_prior, 0, 0",
        "text_encoder_decoder, 0, 0",
    })
    void aRowIsTheSameAloneAndInABatch(String model, int small, int large) {
        long seed = 20_261_124;
        Random random = new Random(seed);
        int rows = 4;
        Map<String, List<ByteString>> contents = new TreeMap<>();
        Map<String, TensorMetadata> inputs = new TreeMap<>();
        for (TensorMetadata input : client.calls()
                .modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build())
                .getInputsList()) {
            inputs.put(input.getName(), input);
            List<ByteString> drawn = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                drawn.add(row(random, input, shape(model, input, small, large)));
            }
            contents.put(input.getName(), drawn);
        }
        List<ByteString> alone = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            alone.add(infer(model, inputs, contents, i, i + 1, small, large));
        }
        for (int together = 2; together <= rows; together++) {
            ByteString batch = infer(model, inputs, contents, 0, together, small, large);
            assertThat(batch)
                    .as("%s, %d rows, seed %d", model, together, seed)
                    .isEqualTo(ByteString.copyFrom(alone.subList(0, together)));
        }
    }

    private static List<Long> shape(String model, TensorMetadata input, int small, int large) {
        boolean inSmall = input.getName().equals("effnet") || model.startsWith("stage_c");
        List<Long> shape = new ArrayList<>(
                input.getShapeList().subList(1, input.getShapeList().size()));
        Collections.replaceAll(shape, -1L, (long) (inSmall ? small : large));
        return shape;
    }

    private static ByteString row(Random random, TensorMetadata input, List<Long> shape) {
        int elements = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
        if (input.getDatatype().equals("INT64")) {
            long[] values = new long[elements];
            for (int i = 0; i < elements; i++) {
                values[i] = input.getName().equals("attention_mask") ? 1 : random.nextInt(1, 100);
            }
            return TritonClient.longs(values);
        }
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = input.getName().equals("r") ? random.nextFloat() : (float) random.nextGaussian();
        }
        return TritonClient.floats(values);
    }

    private static ByteString infer(
            String model,
            Map<String, TensorMetadata> inputs,
            Map<String, List<ByteString>> contents,
            int from,
            int to,
            int small,
            int large) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
        inputs.forEach((name, input) -> {
            request.addInputsBuilder()
                    .setName(name)
                    .setDatatype(input.getDatatype())
                    .addShape(to - from)
                    .addAllShape(shape(model, input, small, large));
            request.addRawInputContents(ByteString.copyFrom(contents.get(name).subList(from, to)));
        });
        return client.calls().modelInfer(request.build()).getRawOutputContents(0);
    }
}
