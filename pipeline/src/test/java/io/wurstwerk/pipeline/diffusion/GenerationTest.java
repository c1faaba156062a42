package io.wurstwerk.pipeline.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.wurstwerk.pipeline.diffusion.Generation.Decoding;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.diffusion.StepInput.Row;
import io.wurstwerk.pipeline.golden.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GenerationTest {
    private static final LatentGeometry GEOMETRY = new LatentGeometry(42.67, 10.67);
    private static final EmbeddingScale SCALE = new EmbeddingScale(42, 1);
    private static final Conditioning TEXT = new Conditioning(
            new float[] {0.1f, 0.2f}, new float[] {0.3f, 0.4f}, new float[] {0.5f}, new float[] {0.6f}, false);

    @Test
    void aGuidedGenerationAsksForTwoRowsWithTheConditionalOneFirst() {
        Denoising begin = denoising(Generation.begin(plan(4, 1.5, 3, 2, 0), TEXT));

        StepInput input = begin.input();

        assertThat(input.stage()).isEqualTo(Stage.STAGE_C);
        assertThat(input.latents()).isEqualTo(new LatentShape(16, 3, 6));
        assertThat(input.effnet()).isNull();
        assertThat(input.rows()).extracting(Row::timestep).containsExactly(1f, 1f);
        assertThat(input.rows()).extracting(Row::text).containsExactly(TEXT.prior(), TEXT.priorNegative());
        assertThat(input.rows().get(0).latents()).isSameAs(input.rows().get(1).latents());
    }

    @Test
    void aScaleOfOneAsksForOneRow() {
        Denoising begin = denoising(Generation.begin(plan(1, 0, 3, 2, 0), TEXT));
        assertThat(begin.input().rows()).hasSize(1);
    }

    @Test
    void stageBSeesTheEmbeddingsInTheConditionalRowAndZerosInTheOther() {
        Denoising stageB = denoising(atStageB(plan(4, 1.5, 2, 2, 0)));

        StepInput input = stageB.input();

        assertThat(input.stage()).isEqualTo(Stage.STAGE_B);
        assertThat(input.latents()).isEqualTo(new LatentShape(4, 32, 64));
        assertThat(input.effnet()).isEqualTo(new LatentShape(16, 3, 6));
        assertThat(input.rows()).extracting(Row::text).containsExactly(TEXT.decoder(), TEXT.decoderNegative());
        assertThat(input.rows().get(0).effnet()).hasSize(16 * 3 * 6).isNotEqualTo(new float[16 * 3 * 6]);
        assertThat(input.rows().get(1).effnet()).isEqualTo(new float[16 * 3 * 6]);
    }

    @Test
    void theLatentsOfStageCAreAtHandAlsoWhenStageBDraws() {
        Denoising last = denoising(Generation.begin(plan(1, 0, 1, 3, 0), TEXT));
        assertThat(last.stageCShape()).isEqualTo(new LatentShape(16, 3, 6));
        assertThat(last.stageCLatents()).isEqualTo(last.latents());
        Denoising stageB = denoising(last.advance(new float[16 * 3 * 6]));
        assertThat(SCALE.embeddings(stageB.stageCLatents()))
                .isEqualTo(stageB.input().rows().getFirst().effnet());
        Denoising next = denoising(stageB.advance(new float[4 * 32 * 64]));
        assertThat(next.stageCLatents()).isEqualTo(stageB.stageCLatents());
        assertThat(next.stageCShape()).isEqualTo(new LatentShape(16, 3, 6));
    }

    @Test
    void theOutlookIsWhereAModelThatIsRightLeadsTo() {
        float[] goal = new float[16 * 3 * 6];
        for (int i = 0; i < goal.length; i++) {
            goal[i] = (float) Math.sin(i);
        }
        Denoising at = denoising(Generation.begin(plan(1, 0, 5, 2, 0), TEXT));
        for (int step = 0; step < 5; step++) {
            double signal =
                    NoiseSchedule.alphaCumprod(at.input().rows().getFirst().timestep());
            float[] latents = at.latents();
            float[] eps = new float[latents.length];
            for (int i = 0; i < eps.length; i++) {
                eps[i] = (float) ((latents[i] - Math.sqrt(signal) * goal[i]) / Math.sqrt(1 - signal));
            }
            Denoising next = denoising(at.advance(eps));
            assertThat(at.outlook(next)).containsExactly(goal, within(step == 4 ? 0.02f : 0.002f));
            at = next;
        }
        assertThat(at.stage()).isEqualTo(Stage.STAGE_B);
        Denoising later = denoising(at.advance(new float[4 * 32 * 64]));
        assertThat(at.outlook(later)).isEqualTo(at.stageCLatents());
    }

    @Test
    void embeddingsAreTheLatentsTimesTheMeanLessTheDeviationWithTwoRoundings() {
        float[] latents = {0.1f, -1.7f, 3.3333f};
        assertThat(SCALE.embeddings(latents)).containsExactly(0.1f * 42f - 1f, -1.7f * 42f - 1f, 3.3333f * 42f - 1f);
    }

    @Test
    void everyGoldenRunBeginsWithTheLatentsOfDiffusersAndLeavesTheGeneratorWhereDiffusersLeftIt() {
        for (String name : List.of("a", "b", "d", "e", "f", "h")) {
            Golden golden = Golden.read(name);
            GenerationPlan plan = planOf(golden, golden.meta().get("seed").longValue());
            Denoising begin = denoising(Generation.begin(plan, TEXT));
            Denoising stageB = denoising(atStageB(plan));

            assertThat(Golden.differences(begin.latents(), golden.floats("prior.latents_init")))
                    .as(name)
                    .isEmpty();
            assertThat(Golden.sha256(List.of(stageB.latents())))
                    .as(name)
                    .isEqualTo(golden.digest("decoder.latents_init"));
        }
    }

    @Test
    void imagesOfAJobBeginWithTheLatentsOfAGeneratorEach() {
        for (String name : List.of("g", "i")) {
            Golden golden = Golden.read(name);
            int images = golden.meta().get("seed").size();
            List<float[]> decoderLatents = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                GenerationPlan plan =
                        planOf(golden, golden.meta().get("seed").get(i).longValue());
                assertThat(Golden.differences(
                                denoising(Generation.begin(plan, TEXT)).latents(),
                                golden.item("prior.latents_init", i, images)))
                        .isEmpty();
                decoderLatents.add(denoising(atStageB(plan)).latents());
            }
            assertThat(Golden.sha256(decoderLatents)).isEqualTo(golden.digest("decoder.latents_init"));
        }
    }

    @Property(tries = 60)
    void resumingAtAnyStepEqualsTheUnbrokenRunBitForBit(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int steps,
            @ForAll @IntRange(max = 12) int cut,
            @ForAll boolean guided) {
        GenerationPlan plan = plan(guided ? 4 : 1, guided ? 1.5 : 0, steps, 3, seed);
        int nextStep = Math.min(cut, steps);
        Generation generation = Generation.begin(plan, TEXT);
        float[] checkpoint = denoising(generation).latents();
        for (int i = 0; i < steps; i++) {
            if (i == nextStep) {
                checkpoint = denoising(generation).latents();
            }
            if (i == steps - 1 && nextStep == steps) {
                checkpoint = lastStageCLatents(plan, denoising(generation));
            }
            generation = step(generation);
        }

        Decoding unbroken = toDecoding(Generation.begin(plan, TEXT));
        Decoding resumed = toDecoding(Generation.resume(plan, TEXT, nextStep, checkpoint));

        assertThat(Golden.differences(resumed.latents(), unbroken.latents())).isEmpty();
    }

    /** The latents after the last step of Stage C, which a generation turns into embeddings at once. */
    private static float[] lastStageCLatents(GenerationPlan plan, Denoising last) {
        float[] prediction = prediction(last.input());
        float[] eps = Guidance.applies(plan.priorGuidanceScale())
                ? Guidance.join(prediction, plan.priorGuidanceScale())
                : prediction;
        Timesteps timesteps = plan.priorTimesteps();
        // The noise of the last step counts for nothing.
        return DdpmStep.between(timesteps.at(last.step()), timesteps.at(last.step() + 1))
                .apply(last.latents(), eps, new float[eps.length]);
    }

    @Test
    void aStateMayBeAdvancedTwiceWithTheSameResult() {
        Denoising begin = denoising(Generation.begin(plan(4, 0, 3, 2, 9), TEXT));
        float[] prediction = prediction(begin.input());

        assertThat(denoising(begin.advance(prediction)).latents())
                .isEqualTo(denoising(begin.advance(prediction)).latents());
    }

    @Test
    void aNonFinitePredictionIsRefusedWithStageAndStep() {
        Denoising second = denoising(step(Generation.begin(plan(1, 0, 3, 2, 0), TEXT)));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] prediction = prediction(second.input());
            prediction[5] = bad;
            assertThatThrownBy(() -> second.advance(prediction))
                    .isInstanceOfSatisfying(NonFiniteException.class, e -> {
                        assertThat(e.stage()).isEqualTo(Stage.STAGE_C);
                        assertThat(e.step()).isEqualTo(2);
                    })
                    .hasMessageContaining("element 5");
        }
        Denoising stageB = denoising(atStageB(plan(1, 0, 1, 2, 0)));
        float[] prediction = prediction(stageB.input());
        prediction[0] = Float.NaN;
        assertThatThrownBy(() -> stageB.advance(prediction))
                .isInstanceOfSatisfying(
                        NonFiniteException.class, e -> assertThat(e.stage()).isEqualTo(Stage.STAGE_B));
    }

    @Test
    void anAnswerOfTheWrongLengthIsRefused() {
        Denoising begin = denoising(Generation.begin(plan(4, 0, 3, 2, 0), TEXT));
        assertThatThrownBy(() -> begin.advance(new float[288])).hasMessageContaining("has 576 values, not 288");
        Decoding decoding = toDecoding(begin);
        assertThatThrownBy(() -> decoding.accept(new byte[7])).hasMessageContaining("98304 bytes, not 7");
    }

    @Test
    void aResumeThatDoesNotFitThePlanIsRefused() {
        GenerationPlan plan = plan(1, 0, 3, 2, 0);
        assertThatThrownBy(() -> Generation.resume(plan, TEXT, 4, new float[288]))
                .hasMessageContaining("step 4 of a Stage C with 3 steps");
        assertThatThrownBy(() -> Generation.resume(plan, TEXT, 1, new float[5])).hasMessageContaining("[16,3,6]");
        float[] broken = new float[288];
        broken[287] = Float.NaN;
        assertThatThrownBy(() -> Generation.resume(plan, TEXT, 1, broken)).isInstanceOf(NonFiniteException.class);
    }

    @Test
    void guidanceWithoutANegativePromptIsRefused() {
        Conditioning unguided = new Conditioning(TEXT.prior(), null, TEXT.decoder(), null, false);
        assertThatThrownBy(() -> Generation.begin(plan(4, 0, 3, 2, 0), unguided))
                .hasMessageContaining("Stage C");
        assertThatThrownBy(() -> Generation.begin(plan(1, 2, 3, 2, 0), unguided))
                .hasMessageContaining("Stage B");
    }

    @Test
    void theImageKnowsItsSeedAndWhetherThePromptWasTruncated() {
        Conditioning truncated = new Conditioning(TEXT.prior(), null, TEXT.decoder(), null, true);
        Decoding decoding = toDecoding(Generation.begin(plan(1, 0, 1, 1, -1), truncated));
        byte[] pixels = new byte[128 * 256 * 3];

        Drawn drawn = decoding.accept(pixels);

        assertThat(drawn.seed()).isEqualTo(4294967295L);
        assertThat(drawn.promptTruncated()).isTrue();
        assertThat(drawn.size()).isEqualTo(new ImageSize(256, 128));
        assertThat(drawn.rgb()).isSameAs(pixels);
    }

    private static GenerationPlan plan(
            double priorScale, double decoderScale, int priorSteps, int decoderSteps, long seed) {
        return new GenerationPlan(
                new ImageSize(256, 128),
                GEOMETRY,
                SCALE,
                Timesteps.linear(priorSteps),
                priorScale,
                Timesteps.linear(decoderSteps),
                decoderScale,
                seed);
    }

    private static GenerationPlan planOf(Golden golden, long seed) {
        var prior = golden.meta().get("prior");
        var decoder = golden.meta().get("decoder");
        return new GenerationPlan(
                new ImageSize(
                        golden.meta().get("width").intValue(),
                        golden.meta().get("height").intValue()),
                GEOMETRY,
                SCALE,
                prior.get("num_inference_steps").isNull()
                        ? Timesteps.DEFAULT_STAGE_C
                        : Timesteps.linear(prior.get("num_inference_steps").intValue()),
                prior.get("guidance_scale").doubleValue(),
                Timesteps.linear(decoder.get("num_inference_steps").intValue()),
                decoder.get("guidance_scale").doubleValue(),
                seed);
    }

    private static Denoising denoising(Generation generation) {
        assertThat(generation).isInstanceOf(Denoising.class);
        return (Denoising) generation;
    }

    private static Generation atStageB(GenerationPlan plan) {
        Generation generation = Generation.begin(plan, TEXT);
        while (denoising(generation).stage() == Stage.STAGE_C) {
            generation = step(generation);
        }
        return generation;
    }

    private static Decoding toDecoding(Generation begin) {
        Generation generation = begin;
        while (generation instanceof Denoising) {
            generation = step(generation);
        }
        return (Decoding) generation;
    }

    private static Generation step(Generation generation) {
        Denoising denoising = denoising(generation);
        return denoising.advance(prediction(denoising.input()));
    }

    /** A denoiser of a sort: depends on all that a row holds, and is finite for finite rows. */
    private static float[] prediction(StepInput input) {
        int elements = input.latents().elements();
        float[] eps = new float[input.rows().size() * elements];
        for (int row = 0; row < input.rows().size(); row++) {
            Row r = input.rows().get(row);
            float effnet = r.effnet() == null ? 0 : r.effnet()[0];
            float bias = r.timestep() + r.text()[0] + effnet / 100;
            float[] latents = Arrays.copyOf(r.latents(), elements);
            for (int i = 0; i < elements; i++) {
                eps[row * elements + i] = (float) Math.tanh(latents[i] + bias);
            }
        }
        return eps;
    }
}
