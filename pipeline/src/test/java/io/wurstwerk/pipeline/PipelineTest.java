package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.NonFiniteException;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import io.wurstwerk.pipeline.golden.Golden;
import io.wurstwerk.pipeline.text.TokenizerException;
import io.wurstwerk.pipeline.triton.FakeTriton;
import io.wurstwerk.pipeline.triton.TritonUnavailableException;
import io.wurstwerk.triton.protocol.DataType;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The façade over a server of simple sums. */
class PipelineTest {
    private static final PipelineOptions OPTIONS = PipelineOptions.defaults().withRepository(Golden.repository());
    private FakeTriton triton;

    @BeforeEach
    void start() throws IOException {
        triton = FakeTriton.start(DataType.TYPE_FP32);
    }

    @AfterEach
    void close() {
        triton.close();
    }

    @Test
    void theCatalogIsWhatTheRepositoryServesWithInterpolatedAsDefault() {
        try (Pipeline pipeline = connect()) {
            assertThat(pipeline.catalog().checkpoints())
                    .extracting(Checkpoint::name)
                    .containsExactly("interpolated", "base");
            assertThat(pipeline.catalog().defaultCheckpoint())
                    .isEqualTo(
                            new Checkpoint("interpolated", 4.0, "", new ImageSize(256, 128), 128, 512, 128, List.of()));
            assertThatThrownBy(() -> pipeline.catalog().checkpoint("mine"))
                    .isInstanceOf(UnknownCheckpointException.class)
                    .hasMessage("there is no checkpoint \"mine\"; this repository has interpolated, base");
        }
    }

    @Test
    void aRequestHasTheCheckpointsDefaults() {
        try (Pipeline pipeline = connect()) {
            ImageRequest request = request(pipeline);
            assertThat(request.size()).isEqualTo(new ImageSize(256, 128));
            assertThat(request.priorGuidanceScale()).isEqualTo(4.0);
            assertThat(request.priorTimesteps()).isEqualTo(Timesteps.DEFAULT_STAGE_C);
            assertThat(request.decoderTimesteps()).isEqualTo(Timesteps.linear(12));
            assertThat(request.prompt()).isEqualTo(new Prompt("a red circle", null, true, false));
        }
    }

    @Test
    void progressIsToldAfterEveryStep() {
        try (Pipeline pipeline = connect()) {
            List<Progress> steps = new ArrayList<>();
            pipeline.generate(quick(pipeline), steps::add);
            assertThat(steps)
                    .containsExactly(
                            new Progress(Stage.TEXT, 1, 1),
                            new Progress(Stage.STAGE_C, 1, 3),
                            new Progress(Stage.STAGE_C, 2, 3),
                            new Progress(Stage.STAGE_C, 3, 3),
                            new Progress(Stage.STAGE_B, 1, 2),
                            new Progress(Stage.STAGE_B, 2, 2),
                            new Progress(Stage.STAGE_A, 1, 1));
        }
    }

    @Test
    void whatAListenerThrowsEndsTheGenerationAndReachesTheCaller() {
        IllegalStateException stop = new IllegalStateException("deadline");
        try (Pipeline pipeline = connect()) {
            assertThatThrownBy(() -> pipeline.generate(quick(pipeline), progress -> {
                        if (progress.equals(new Progress(Stage.STAGE_C, 2, 3))) {
                            throw stop;
                        }
                    }))
                    .isSameAs(stop);
        }
        assertThat(triton.requests("stage_c_interpolated")).hasSize(2);
        assertThat(triton.requests("stage_b")).isEmpty();
    }

    @Test
    void onlyWhatIsGuidedIsEncodedWithANegativePrompt() {
        try (Pipeline pipeline = connect()) {
            Conditioning unguided = pipeline.encode(Prompt.of("a b c", "d", 1, 0));
            assertThat(unguided.priorNegative()).isNull();
            assertThat(unguided.decoderNegative()).isNull();
            Conditioning guided = pipeline.encode(Prompt.of("a b c", null, 4, 1.5));
            assertThat(tokens(guided.prior())).isEqualTo(5);
            assertThat(tokens(guided.priorNegative())).isEqualTo(2);
            assertThat(tokens(guided.decoderNegative())).isEqualTo(2);
            Conditioning negative = pipeline.encode(Prompt.of("a b c", "d", 4, 0));
            assertThat(tokens(negative.priorNegative())).isEqualTo(3);
        }
        assertThat(triton.requests("text_encoder_prior"))
                .extracting(request -> request.getInputs(0).getShape(0))
                .containsExactly(1L, 2L, 2L);
        assertThat(triton.requests("text_encoder_decoder"))
                .extracting(request -> request.getInputs(0).getShape(0))
                .containsExactly(1L, 2L, 1L);
    }

    private static int tokens(float[] states) {
        float tokens = 0;
        for (int i = 0; i < 77; i++) {
            tokens += states[i * FakeTriton.WIDTH];
        }
        return (int) tokens;
    }

    @Test
    void guidedStepsTravelAsOneCallOfTwoRows() {
        try (Pipeline pipeline = connect()) {
            pipeline.generate(quick(pipeline).withDecoderGuidanceScale(2), ProgressListener.NONE);
        }
        ModelInferRequest stageC = triton.requests("stage_c_interpolated").get(1);
        assertThat(stageC.getInputsList())
                .extracting(InferInputTensor::getName, InferInputTensor::getDatatype, i -> i.getShapeList())
                .containsExactly(
                        tuple("x", "FP32", List.of(2L, 16L, 3L, 6L)),
                        tuple("r", "FP32", List.of(2L, 1L)),
                        tuple("c", "FP32", List.of(2L, 77L, 8L)));
        float timestep = Timesteps.linear(3).at(1);
        assertThat(FakeTriton.floats(stageC, "r")).containsExactly(timestep, timestep);
        ModelInferRequest stageB = triton.requests("stage_b").getFirst();
        float[] effnet = FakeTriton.floats(stageB, "effnet");
        assertThat(effnet).hasSize(2 * 16 * 3 * 6);
        assertThat(effnet[0]).isNotZero();
        for (int i = effnet.length / 2; i < effnet.length; i++) {
            assertThat(effnet[i]).isZero();
        }
    }

    @Test
    void aBatchLimitOfOneRowStillDrawsTheSamePicture() {
        byte[] together;
        try (Pipeline pipeline = connect()) {
            together = pipeline.generate(quick(pipeline), ProgressListener.NONE).rgb();
        }
        triton.edit("stage_c_interpolated", config -> config.setMaxBatchSize(1));
        try (Pipeline pipeline = connect()) {
            assertThat(pipeline.generate(quick(pipeline), ProgressListener.NONE).rgb())
                    .isEqualTo(together);
        }
        assertThat(triton.requests("stage_c_interpolated")).hasSize(3 + 6);
    }

    @ParameterizedTest
    @CsvSource({"TYPE_FP16, FP16, 0x1p-10", "TYPE_BF16, BF16, 0x1p-7"})
    void halfRepositoriesAreSpokenToInTheirType(DataType type, String name, double precision) throws IOException {
        List<float[]> exact;
        try (Pipeline pipeline = connect()) {
            pipeline.generate(quick(pipeline), ProgressListener.NONE);
            exact = inputs(triton, "stage_c_interpolated", "x");
        }
        try (FakeTriton half = FakeTriton.start(type);
                Pipeline pipeline = Pipeline.connect(half.endpoint(), OPTIONS)) {
            Image image = pipeline.generate(quick(pipeline), ProgressListener.NONE);

            assertThat(image.rgb()).hasSize(256 * 128 * 3);
            ModelInferRequest stageB = half.requests("stage_b").getFirst();
            assertThat(stageB.getInputsList())
                    .extracting(InferInputTensor::getName, InferInputTensor::getDatatype)
                    .containsExactly(
                            tuple("x", name), tuple("r", "FP32"), tuple("clip", name), tuple("effnet", "FP32"));
            assertThat(half.requests("stage_a").getFirst().getInputs(0).getDatatype())
                    .isEqualTo(name);
            List<float[]> rounded = inputs(half, "stage_c_interpolated", "x");
            for (int i = 0; i < rounded.getFirst().length; i++) {
                float value = exact.getFirst()[i];
                assertThat((double) rounded.getFirst()[i]).isCloseTo(value, Offset.offset(Math.abs(value) * precision));
            }
        }
    }

    private static List<float[]> inputs(FakeTriton triton, String model, String input) {
        return triton.requests(model).stream()
                .map(request -> FakeTriton.floats(request, input))
                .toList();
    }

    @Test
    void notANumberFromAModelIsAnErrorAndNeverAPicture() {
        triton.answer(
                "stage_b",
                FakeTriton.Answer.changed(
                        triton,
                        response -> response.toBuilder()
                                .setRawOutputContents(0, nan(response.getRawOutputContents(0)))
                                .build()));
        try (Pipeline pipeline = connect()) {
            assertThatExceptionOfType(NonFiniteException.class)
                    .isThrownBy(() -> pipeline.generate(quick(pipeline), ProgressListener.NONE))
                    .satisfies(e -> {
                        assertThat(e.stage()).isEqualTo(Stage.STAGE_B);
                        assertThat(e.step()).isEqualTo(1);
                    });
        }
        assertThat(triton.requests("stage_a")).isEmpty();
    }

    private static ByteString nan(ByteString raw) {
        byte[] bytes = raw.toByteArray();
        bytes[2] = (byte) 0xc0;
        bytes[3] = 0x7f;
        return ByteString.copyFrom(bytes);
    }

    @Test
    void aSizeTheCheckpointCannotDrawIsRefusedWithTheNearestOneItCan() {
        try (Pipeline pipeline = connect()) {
            ImageRequest request = request(pipeline).withSize(new ImageSize(200, 1000));
            assertThatThrownBy(() -> pipeline.generate(request, ProgressListener.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("checkpoint interpolated cannot draw 200x1000 pixels: sides must be multiples of 128"
                            + " from 128 to 512; the nearest size is 256x512");
        }
        assertThat(triton.requests("text_encoder_prior")).isEmpty();
    }

    @Test
    void theServersFailureReachesTheCallerAndThePipelineStaysUsable() {
        try (Pipeline pipeline = connect()) {
            triton.answer("stage_a", FakeTriton.Answer.failure(Status.UNAVAILABLE));
            assertThatThrownBy(() -> pipeline.generate(quick(pipeline), ProgressListener.NONE))
                    .isInstanceOf(TritonUnavailableException.class);
            assertThat(pipeline.ready()).isTrue();
        }
    }

    @Test
    void readinessIsAskedOfTheServerAndNeverThrows() {
        try (Pipeline pipeline = connect()) {
            assertThat(pipeline.ready()).isTrue();
            triton.ready(false);
            assertThat(pipeline.ready()).isFalse();
            triton.close();
            assertThat(pipeline.ready()).isFalse();
        }
    }

    @Test
    void theFingerprintIsTheSameForTheSameRepositoryAndAnotherForAnother() {
        String fingerprint;
        try (Pipeline pipeline = connect()) {
            fingerprint = pipeline.fingerprint();
        }
        assertThat(fingerprint).matches("[0-9a-f]{16}");
        try (Pipeline pipeline = connect()) {
            assertThat(pipeline.fingerprint()).isEqualTo(fingerprint);
        }
        triton.edit("stage_b", config -> config.putAllParameters(FakeTriton.parameters("model_sha256", "0")));
        try (Pipeline pipeline = connect()) {
            assertThat(pipeline.fingerprint()).isNotEqualTo(fingerprint);
        }
    }

    @Test
    void withoutATokenizerThatIsKnownToFitConnectingSaysHowToNameOne() {
        assertThatThrownBy(() -> Pipeline.connect(triton.endpoint()))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("PipelineOptions.withRepository");
    }

    @Test
    void theTokenizerOfAnotherTextEncoderIsRefused() {
        triton.edit(
                "text_encoder_prior", config -> config.putAllParameters(FakeTriton.parameters("model_sha256", "0")));
        assertThatThrownBy(this::connect)
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("another model_sha256");
    }

    @Test
    void aRepositoryFolderWithoutATokenizerIsRefused() {
        PipelineOptions options = PipelineOptions.defaults().withRepository(Path.of("nowhere"));
        assertThatThrownBy(() -> Pipeline.connect(triton.endpoint(), options))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void connectingToNobodyFailsWithinTheDeadline() {
        triton.close();
        PipelineOptions options = OPTIONS.withMetadataDeadline(Duration.ofSeconds(2));
        assertThatThrownBy(() -> Pipeline.connect(triton.endpoint(), options))
                .isInstanceOf(TritonUnavailableException.class)
                .hasMessageContaining(triton.endpoint());
    }

    @Test
    void aPromptMadeForOtherScalesIsRefused() {
        assertThatThrownBy(() -> new ImageRequest(
                        Prompt.of("a", null, 1, 0),
                        new ImageSize(128, 128),
                        "base",
                        Timesteps.linear(1),
                        4,
                        Timesteps.linear(1),
                        0,
                        1))
                .hasMessageContaining("Prompt.of");
    }

    @Test
    void aPromptDoesNotShowItsText() {
        assertThat(Prompt.of("a secret", "another", 4, 0).toString()).doesNotContain("secret", "another");
    }

    private Pipeline connect() {
        return Pipeline.connect(triton.endpoint(), OPTIONS);
    }

    private static ImageRequest request(Pipeline pipeline) {
        return ImageRequest.of(pipeline.catalog().defaultCheckpoint(), "a red circle", 1);
    }

    private static ImageRequest quick(Pipeline pipeline) {
        return request(pipeline).withPriorTimesteps(Timesteps.linear(3)).withDecoderTimesteps(Timesteps.linear(2));
    }
}
