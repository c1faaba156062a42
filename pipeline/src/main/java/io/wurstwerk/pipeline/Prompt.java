package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Guidance;
import org.jspecify.annotations.Nullable;

/**
 * A prompt and what of it must be encoded. All images of a job have the same.
 *
 * @param negative what the image should not show; null is the same as empty
 * @param priorGuided whether Stage C needs the negative prompt
 * @param decoderGuided whether Stage B needs it
 */
public record Prompt(String text, @Nullable String negative, boolean priorGuided, boolean decoderGuided) {

    /** A prompt for the given guidance scales; only scales above 1 guide. */
    public static Prompt of(
            String text, @Nullable String negative, double priorGuidanceScale, double decoderGuidanceScale) {
        return new Prompt(text, negative, Guidance.applies(priorGuidanceScale), Guidance.applies(decoderGuidanceScale));
    }

    /** Without the text, which must not reach a log. */
    @Override
    public String toString() {
        return "Prompt[" + text.length() + " characters, priorGuided=" + priorGuided + ", decoderGuided="
                + decoderGuided + "]";
    }
}
