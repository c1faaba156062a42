package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Guidance;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import io.wurstwerk.pipeline.image.Provenance;
import org.jspecify.annotations.Nullable;

/**
 * One image. {@link #of} gives the checkpoint's defaults, the {@code with} methods change them.
 *
 * @param prior name of the Stage C checkpoint
 * @param priorGuidanceScale above 1 guides Stage C
 * @param decoderGuidanceScale above 1 guides Stage B; diffusers' default is 0
 * @param seed any 64-bit integer; only its low 32 bits matter. Image i of a job has seed + i
 */
public record ImageRequest(
        Prompt prompt,
        ImageSize size,
        String prior,
        Timesteps priorTimesteps,
        double priorGuidanceScale,
        Timesteps decoderTimesteps,
        double decoderGuidanceScale,
        long seed) {
    private static final int DECODER_STEPS = 12;

    /**
     * Checks what can be checked without a repository.
     *
     * @throws IllegalArgumentException if a scale is not finite, or the prompt is not meant for these scales
     */
    public ImageRequest {
        requireScale("prior_guidance_scale", priorGuidanceScale);
        requireScale("decoder_guidance_scale", decoderGuidanceScale);
        if (prompt.priorGuided() != Guidance.applies(priorGuidanceScale)
                || prompt.decoderGuided() != Guidance.applies(decoderGuidanceScale)) {
            throw new IllegalArgumentException("the prompt was made for other guidance scales than "
                    + priorGuidanceScale + " and " + decoderGuidanceScale + ": make it with Prompt.of");
        }
    }

    private static void requireScale(String name, double scale) {
        if (!(scale >= 0 && Double.isFinite(scale))) {
            throw new IllegalArgumentException(name + " is " + scale + ", but must be a number of at least 0");
        }
    }

    /**
     * The checkpoint's size and guidance scale without a negative prompt, {@link Timesteps#DEFAULT_STAGE_C}, 12
     * unguided decoder steps.
     */
    public static ImageRequest of(Checkpoint checkpoint, String prompt, long seed) {
        double scale = checkpoint.defaultGuidanceScale();
        return new ImageRequest(
                Prompt.of(prompt, null, scale, 0),
                checkpoint.defaultSize(),
                checkpoint.name(),
                Timesteps.DEFAULT_STAGE_C,
                scale,
                Timesteps.linear(DECODER_STEPS),
                0,
                seed);
    }

    public ImageRequest withNegativePrompt(@Nullable String negative) {
        return new ImageRequest(
                Prompt.of(prompt.text(), negative, priorGuidanceScale, decoderGuidanceScale),
                size,
                prior,
                priorTimesteps,
                priorGuidanceScale,
                decoderTimesteps,
                decoderGuidanceScale,
                seed);
    }

    public ImageRequest withSize(ImageSize newSize) {
        return new ImageRequest(
                prompt,
                newSize,
                prior,
                priorTimesteps,
                priorGuidanceScale,
                decoderTimesteps,
                decoderGuidanceScale,
                seed);
    }

    public ImageRequest withPriorTimesteps(Timesteps timesteps) {
        return new ImageRequest(
                prompt, size, prior, timesteps, priorGuidanceScale, decoderTimesteps, decoderGuidanceScale, seed);
    }

    public ImageRequest withDecoderTimesteps(Timesteps timesteps) {
        return new ImageRequest(
                prompt, size, prior, priorTimesteps, priorGuidanceScale, timesteps, decoderGuidanceScale, seed);
    }

    public ImageRequest withPriorGuidanceScale(double scale) {
        return withGuidanceScales(scale, decoderGuidanceScale);
    }

    public ImageRequest withDecoderGuidanceScale(double scale) {
        return withGuidanceScales(priorGuidanceScale, scale);
    }

    private ImageRequest withGuidanceScales(double priorScale, double decoderScale) {
        return new ImageRequest(
                Prompt.of(prompt.text(), prompt.negative(), priorScale, decoderScale),
                size,
                prior,
                priorTimesteps,
                priorScale,
                decoderTimesteps,
                decoderScale,
                seed);
    }

    public ImageRequest withSeed(long newSeed) {
        return new ImageRequest(
                prompt,
                size,
                prior,
                priorTimesteps,
                priorGuidanceScale,
                decoderTimesteps,
                decoderGuidanceScale,
                newSeed);
    }

    /**
     * What a file of this image may say about its making.
     *
     * @param pipeline {@link Pipeline#fingerprint()} of the models that drew
     * @param withWords whether the prompts are told, too
     */
    public Provenance provenance(String pipeline, boolean withWords) {
        return new Provenance(
                prior,
                pipeline,
                size,
                seed & 0xffff_ffffL,
                priorTimesteps,
                priorGuidanceScale,
                decoderTimesteps,
                decoderGuidanceScale,
                withWords ? new Provenance.Words(prompt.text(), prompt.negative()) : null);
    }
}
