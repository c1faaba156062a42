package io.wurstwerk.pipeline.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.triton.protocol.DataType;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelInput;
import io.wurstwerk.triton.protocol.ModelParameter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a repository must look like, and what is said of one that does not. */
class RepositoryRulesTest {
    private static final List<String> PRIORS = List.of("interpolated", "base", "finetuned");
    private FakeTriton triton;
    private TritonClient client;

    @BeforeEach
    void start() throws IOException {
        triton = FakeTriton.start(DataType.TYPE_FP32);
        client = new TritonClient(triton.endpoint(), Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        client.close();
        triton.close();
    }

    @Test
    void theServedPriorsComeWithTheirParametersInTheOrderAsked() {
        WuerstchenRepository repository = WuerstchenRepository.read(client, PRIORS);

        assertThat(repository.priors()).extracting(PriorModel::name).containsExactly("interpolated", "base");
        PriorModel base = repository.priors().get(1);
        assertThat(base.defaultGuidanceScale()).isEqualTo(8.0);
        assertThat(base.recommendedNegativePrompt()).isEqualTo("low quality");
        assertThat(base.defaultSize()).isEqualTo(new ImageSize(256, 128));
        assertThat(List.of(base.minSide(), base.maxSide(), base.sideMultiple())).containsExactly(128, 512, 128);
        assertThat(repository.geometry(base).latentDimScale()).isEqualTo(10.67);
    }

    @Test
    void withoutADefaultSizeItIs1024WithinTheRange() {
        triton.edit("stage_c_base", config -> config.removeParameters("default_width"));
        WuerstchenRepository repository = WuerstchenRepository.read(client, List.of("base"));
        assertThat(repository.priors().getFirst().defaultSize()).isEqualTo(new ImageSize(512, 128));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource
    void aRepositoryThatDoesNotFitIsRefusedNamingModelAndField(
            String model, UnaryOperator<ModelConfig.Builder> change, String message) {
        triton.edit(model, change);
        assertThatExceptionOfType(RepositoryException.class)
                .isThrownBy(() -> WuerstchenRepository.read(client, PRIORS))
                .withMessageContaining(triton.endpoint())
                .satisfies(e -> assertThat(e.problems()).containsExactly(message));
    }

    static Stream<Arguments> aRepositoryThatDoesNotFitIsRefusedNamingModelAndField() {
        return Stream.of(
                bad(
                        "stage_b",
                        c -> c.removeParameters("latent_dim_scale"),
                        "model stage_b: parameter latent_dim_scale is missing from its configuration"),
                bad(
                        "stage_b",
                        parameter("latent_dim_scale", "ten"),
                        "model stage_b: parameter latent_dim_scale is \"ten\", not a positive number"),
                bad(
                        "stage_c_base",
                        parameter("latent_mean", "NaN"),
                        "model stage_c_base: parameter latent_mean is \"NaN\", not a positive number"),
                bad(
                        "stage_c_base",
                        parameter("min_side", "128.5"),
                        "model stage_c_base: parameter min_side is 128.5, not a number of pixels"),
                bad(
                        "stage_c_interpolated",
                        c -> c.removeParameters("recommended_negative_prompt"),
                        "model stage_c_interpolated: parameter recommended_negative_prompt is missing from its"
                                + " configuration"),
                bad(
                        "stage_c_base",
                        parameter("side_multiple", "64"),
                        "model stage_c_base: parameters resolution_multiple 42.67 and latent_dim_scale 10.67 of stage_b"
                                + " draw 212x212 pixels where 192x192 were asked for"),
                bad(
                        "stage_c_base",
                        parameter("max_side", "64"),
                        "model stage_c_base: parameters min_side 128, max_side 64 and side_multiple 128 contradict each"
                                + " other"),
                bad(
                        "stage_c_base",
                        c -> parameter("preview_bias", "0 0 0")
                                .apply(parameter("preview_weights", "1 2 x").apply(c)),
                        "model stage_c_base: parameter preview_weights is not a list of 48 numbers with blanks between"),
                bad(
                        "stage_c_base",
                        parameter("preview_bias", "0 0 0"),
                        "model stage_c_base: parameters preview_weights and preview_bias go together"),
                bad("stage_a", c -> c.setMaxBatchSize(0), "model stage_a: max_batch_size is 0, but must be at least 1"),
                bad(
                        "stage_c_base",
                        c -> c.setInput(1, c.getInput(1).toBuilder().setDataType(DataType.TYPE_FP16)),
                        "model stage_c_base: input r is FP16 [1], but must be FP32 [1]"),
                bad(
                        "stage_b",
                        c -> c.setInput(2, c.getInput(2).toBuilder().setDataType(DataType.TYPE_BF16)),
                        "model stage_b: input effnet is BF16 [16, -1, -1], but must be FP32 [16, -1, -1]"),
                bad(
                        "stage_b",
                        c -> c.setInput(3, c.getInput(3).toBuilder().setDims(1, 16)),
                        "model stage_b: input clip is FP32 [77, 16], but must be BF16 or FP16 or FP32 [77, 8]"),
                bad(
                        "stage_c_base",
                        c -> c.removeInput(2),
                        "model stage_c_base: input c (BF16 or FP16 or FP32 [77, 8]) is missing"),
                bad(
                        "stage_c_base",
                        c -> c.addInput(ModelInput.newBuilder()
                                .setName("w")
                                .setDataType(DataType.TYPE_FP32)
                                .addDims(1)),
                        "model stage_c_base: input w is unknown to this client"),
                bad(
                        "stage_a",
                        c -> c.setOutput(0, c.getOutput(0).toBuilder().setDataType(DataType.TYPE_FP32)),
                        "model stage_a: output image is FP32 [-1, -1, 3], but must be UINT8 [-1, -1, 3]"),
                bad(
                        "text_encoder_prior",
                        c -> c.removeInput(1),
                        "model text_encoder_prior: input attention_mask (INT64 [77]) is missing"));
    }

    @Test
    void everyProblemIsNamedAtOnce() {
        triton.edit("stage_b", config -> config.removeParameters("latent_dim_scale"));
        triton.remove("stage_a");
        triton.remove("text_encoder_decoder");
        assertThatExceptionOfType(RepositoryException.class)
                .isThrownBy(() -> WuerstchenRepository.read(client, PRIORS))
                .satisfies(e -> assertThat(e.problems())
                        .contains(
                                "model stage_a is not served",
                                "model text_encoder_decoder is not served",
                                "model stage_b: parameter latent_dim_scale is missing from its configuration"));
    }

    @Test
    void aRepositoryWithoutAPriorIsRefusedWithTheNamesLookedFor() {
        assertThatThrownBy(() -> WuerstchenRepository.read(client, List.of("mine", "yours")))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("none of stage_c_mine, stage_c_yours");
    }

    @Test
    void aServerThatIsNotReadyIsUnavailable() {
        triton.ready(false);
        assertThatThrownBy(() -> WuerstchenRepository.read(client, PRIORS))
                .isInstanceOf(TritonUnavailableException.class)
                .hasMessageContaining("is not ready to infer");
    }

    @Test
    void theIdentityChangesWithModelsTypesAndParameters() {
        String identity = WuerstchenRepository.read(client, PRIORS).identity();
        assertThat(WuerstchenRepository.read(client, PRIORS).identity()).isEqualTo(identity);
        triton.edit("stage_b", parameter("model_sha256", "abc"));
        assertThat(WuerstchenRepository.read(client, PRIORS).identity()).isNotEqualTo(identity);
    }

    @Test
    void theIdentityIsTheSameWithAnotherPreview() {
        String identity = WuerstchenRepository.read(client, PRIORS).identity();
        triton.edit("stage_c_base", parameter("preview_weights", "0 ".repeat(48)));
        triton.edit("stage_c_base", parameter("preview_bias", "1 0 0"));
        assertThat(WuerstchenRepository.read(client, PRIORS).identity()).isEqualTo(identity);
    }

    @Test
    void aPriorHasThePreviewThatItsParametersDescribe() {
        triton.edit("stage_c_base", parameter("preview_weights", "0.5" + " 0".repeat(47)));
        triton.edit("stage_c_base", parameter("preview_bias", "0.25 1e-1 0"));
        List<PriorModel> priors = WuerstchenRepository.read(client, PRIORS).priors();
        assertThat(priors.get(0).preview()).isEmpty();
        float[] latents = new float[16];
        latents[0] = 0.5f;
        assertThat(priors.get(1).preview().orElseThrow().rgb(new LatentShape(16, 1, 1), latents))
                .containsExactly((byte) 128, 26, 0);
    }

    private static Arguments bad(String model, UnaryOperator<ModelConfig.Builder> change, String message) {
        return Arguments.of(model, change, message);
    }

    private static UnaryOperator<ModelConfig.Builder> parameter(String key, String value) {
        return config -> config.putParameters(
                key, ModelParameter.newBuilder().setStringValue(value).build());
    }
}
