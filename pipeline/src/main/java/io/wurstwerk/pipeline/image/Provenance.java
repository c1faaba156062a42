package io.wurstwerk.pipeline.image;

import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import org.jspecify.annotations.Nullable;

/**
 * What an image file may say about how it was made: enough to make it again, and nothing about where or for whom.
 *
 * @param prior name of the Stage C checkpoint
 * @param pipeline fingerprint of the models
 * @param seed of this image, the 32 bits used
 * @param words null when the file shall not tell them
 */
public record Provenance(
        String prior,
        String pipeline,
        ImageSize size,
        long seed,
        Timesteps priorTimesteps,
        double priorGuidanceScale,
        Timesteps decoderTimesteps,
        double decoderGuidanceScale,
        @Nullable Words words) {
    static final String SOFTWARE = "Wurstwerk";

    /** What was asked for. */
    public record Words(String prompt, @Nullable String negativePrompt) {
        /** Says nothing, so that a prompt reaches no log by accident. */
        @Override
        public String toString() {
            return "Words[...]";
        }
    }
}
