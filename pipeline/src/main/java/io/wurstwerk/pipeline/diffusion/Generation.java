package io.wurstwerk.pipeline.diffusion;

import io.wurstwerk.pipeline.diffusion.StepInput.Row;
import io.wurstwerk.pipeline.noise.TorchGenerator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image between two model calls: an immutable value that says which input it wants next and what it becomes when
 * the answer arrives. A plain loop, a batch scheduler and a resume from a checkpoint drive the same code, and any state
 * may be advanced again, or thrown away, without harm.
 *
 * <p>Noise is drawn as {@code WuerstchenCombinedPipeline} draws it from one generator: the Stage C latents, once per
 * Stage C step, the Stage B latents, once per Stage B step.
 */
public sealed interface Generation {

    /**
     * A generation before its first step.
     *
     * @throws IllegalArgumentException if the plan is guided and the conditioning has no negative states
     */
    static Generation begin(GenerationPlan plan, Conditioning conditioning) {
        requireNegatives(plan, conditioning);
        TorchGenerator.Draw draw =
                TorchGenerator.seeded(plan.seed()).randn(plan.stageC().elements());
        return Denoising.stageC(plan, conditioning, 0, draw.values(), draw.next());
    }

    /**
     * A generation whose first {@code nextStep} steps of Stage C are done. The noise generator is wound forward to
     * where it stood, so the rest is bit-equal to a run without interruption.
     *
     * @param nextStep from 0 to the number of Stage C steps; the latter starts Stage B
     * @param stageCLatents the latents after those steps; copied
     * @throws IllegalArgumentException if step or latents do not fit the plan
     * @throws NonFiniteException if the latents are not finite
     */
    static Generation resume(GenerationPlan plan, Conditioning conditioning, int nextStep, float[] stageCLatents) {
        requireNegatives(plan, conditioning);
        LatentShape shape = plan.stageC();
        if (nextStep < 0 || nextStep > plan.priorTimesteps().steps()) {
            throw new IllegalArgumentException("cannot resume at step " + nextStep + " of a Stage C with "
                    + plan.priorTimesteps().steps() + " steps");
        }
        if (stageCLatents.length != shape.elements()) {
            throw new IllegalArgumentException("cannot resume with " + stageCLatents.length
                    + " latents: the plan's Stage C has " + shape.elements() + " in shape " + shape);
        }
        float[] latents = NonFiniteException.refuse(stageCLatents.clone(), Stage.STAGE_C, nextStep);
        TorchGenerator noise = TorchGenerator.seeded(plan.seed()).skip(shape.elements(), 1 + nextStep);
        return Denoising.stageC(plan, conditioning, nextStep, latents, noise);
    }

    private static void requireNegatives(GenerationPlan plan, Conditioning conditioning) {
        if (Guidance.applies(plan.priorGuidanceScale()) && conditioning.priorNegative() == null) {
            throw new IllegalArgumentException(
                    "Stage C is guided, but the conditioning has no states of a negative prompt for it");
        }
        if (Guidance.applies(plan.decoderGuidanceScale()) && conditioning.decoderNegative() == null) {
            throw new IllegalArgumentException(
                    "Stage B is guided, but the conditioning has no states of a negative prompt for it");
        }
    }

    /** Wants a prediction of the noise in its latents, in Stage C or Stage B. */
    final class Denoising implements Generation {
        private final GenerationPlan plan;
        private final Conditioning conditioning;
        private final Stage stage;
        private final int step;
        private final float[] latents;
        private final float @Nullable [] finished;
        private final TorchGenerator noise;

        private Denoising(
                GenerationPlan plan,
                Conditioning conditioning,
                Stage stage,
                int step,
                float[] latents,
                float @Nullable [] finished,
                TorchGenerator noise) {
            this.plan = plan;
            this.conditioning = conditioning;
            this.stage = stage;
            this.step = step;
            this.latents = latents;
            this.finished = finished;
            this.noise = noise;
        }

        /** Stage C before {@code step}, or the start of Stage B if there is no such step. */
        private static Denoising stageC(
                GenerationPlan plan, Conditioning conditioning, int step, float[] latents, TorchGenerator noise) {
            if (step < plan.priorTimesteps().steps()) {
                return new Denoising(plan, conditioning, Stage.STAGE_C, step, latents, null, noise);
            }
            NonFiniteException.refuse(plan.embeddingScale().embeddings(latents), Stage.STAGE_C, step);
            TorchGenerator.Draw draw = noise.randn(plan.stageB().elements());
            return new Denoising(plan, conditioning, Stage.STAGE_B, 0, draw.values(), latents, draw.next());
        }

        /** {@link Stage#STAGE_C} or {@link Stage#STAGE_B}. */
        public Stage stage() {
            return stage;
        }

        /** Steps of this stage that are done, from 0. */
        public int step() {
            return step;
        }

        /** Steps of this stage in all. */
        public int steps() {
            return plan.steps(stage);
        }

        /** A copy of the latents; with {@link #step()} all that a checkpoint of Stage C needs. */
        public float[] latents() {
            return latents.clone();
        }

        /**
         * What Stage C's latents will be in the end, as far as its last step tells: a guess while it goes on, the thing
         * itself once Stage B has begun.
         *
         * @param next what became of this one by {@link #advance}
         */
        public float[] outlook(Denoising next) {
            if (next.finished != null) {
                return next.finished.clone();
            }
            return DdpmStep.between(timesteps().at(step), timesteps().at(step + 1))
                    .guess(latents, noise.randn(latents.length).values(), next.latents);
        }

        /** A copy of Stage C's latents: as they are now, or as they were left once Stage B has begun. */
        public float[] stageCLatents() {
            return (finished == null ? latents : finished).clone();
        }

        /** Shape of {@link #stageCLatents()}. */
        public LatentShape stageCShape() {
            return plan.stageC();
        }

        /** What the stage's model is to be called with: one row, or two when guided, the conditional one first. */
        public StepInput input() {
            LatentShape effnetShape = stage == Stage.STAGE_B ? plan.stageC() : null;
            boolean prior = stage == Stage.STAGE_C;
            float[] effnet = finished == null ? null : plan.embeddingScale().embeddings(finished);
            float timestep = timesteps().at(step);
            Row conditional = new Row(latents, timestep, prior ? conditioning.prior() : conditioning.decoder(), effnet);
            float[] negative = prior ? conditioning.priorNegative() : conditioning.decoderNegative();
            if (!Guidance.applies(scale()) || negative == null) {
                return new StepInput(stage, shape(), effnetShape, List.of(conditional));
            }
            Row unconditional = new Row(latents, timestep, negative, effnet == null ? null : new float[effnet.length]);
            return new StepInput(stage, shape(), effnetShape, List.of(conditional, unconditional));
        }

        /**
         * One step on.
         *
         * @param eps the model's answer: as many rows as {@link #input()} has, in its order, concatenated; not kept
         * @throws IllegalArgumentException if the answer has another length
         * @throws NonFiniteException if the latents would not be finite
         */
        public Generation advance(float[] eps) {
            int elements = latents.length;
            boolean guided = Guidance.applies(scale());
            int expected = guided ? 2 * elements : elements;
            if (eps.length != expected) {
                throw new IllegalArgumentException(
                        "a prediction for " + stage + " has " + expected + " values, not " + eps.length);
            }
            float[] prediction = guided ? Guidance.join(eps, scale()) : eps;
            TorchGenerator.Draw draw = noise.randn(elements);
            float[] next = DdpmStep.between(timesteps().at(step), timesteps().at(step + 1))
                    .apply(latents, prediction, draw.values());
            NonFiniteException.refuse(next, stage, step + 1);
            if (stage == Stage.STAGE_C) {
                return stageC(plan, conditioning, step + 1, next, draw.next());
            }
            return step + 1 == steps()
                    ? new Decoding(plan, conditioning, next)
                    : new Denoising(plan, conditioning, stage, step + 1, next, finished, draw.next());
        }

        private LatentShape shape() {
            return stage == Stage.STAGE_C ? plan.stageC() : plan.stageB();
        }

        private Timesteps timesteps() {
            return stage == Stage.STAGE_C ? plan.priorTimesteps() : plan.decoderTimesteps();
        }

        private double scale() {
            return stage == Stage.STAGE_C ? plan.priorGuidanceScale() : plan.decoderGuidanceScale();
        }
    }

    /** Wants its latents decoded by Stage A. */
    final class Decoding implements Generation {
        private final GenerationPlan plan;
        private final Conditioning conditioning;
        private final float[] latents;

        private Decoding(GenerationPlan plan, Conditioning conditioning, float[] latents) {
            this.plan = plan;
            this.conditioning = conditioning;
            this.latents = latents;
        }

        /** A copy of the final latents of Stage B, in {@link #shape()}. */
        public float[] latents() {
            return latents.clone();
        }

        public LatentShape shape() {
            return plan.stageB();
        }

        /**
         * The finished image.
         *
         * @param nhwc one image, [height, width, 3]; kept, not copied
         * @throws IllegalArgumentException if there are more or fewer bytes than the image has
         */
        public Drawn accept(byte[] nhwc) {
            ImageSize size = plan.geometry().drawn(plan.size());
            int expected = 3 * size.width() * size.height();
            if (nhwc.length != expected) {
                throw new IllegalArgumentException(
                        "an image of " + size + " has " + expected + " bytes, not " + nhwc.length);
            }
            return new Drawn(size, nhwc, plan.seed() & 0xffff_ffffL, conditioning.promptTruncated());
        }
    }

    /**
     * The end: pixels.
     *
     * @param rgb [height, width, 3]
     * @param seed the low 32 bits of the plan's seed: all that mattered of it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Drawn(ImageSize size, byte[] rgb, long seed, boolean promptTruncated) implements Generation {}
}
