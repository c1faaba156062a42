package io.wurstwerk.pipeline.diffusion;

import org.jspecify.annotations.Nullable;

/**
 * A prompt as both text encoders see it: the last hidden states, [77, width] each, row-major. The arrays are shared
 * with every request made from them and must not be changed. Images of one job share one conditioning.
 *
 * @param priorNegative states of the negative prompt for Stage C; null when Stage C is not guided
 * @param decoderNegative states of the negative prompt for Stage B; null when Stage B is not guided
 * @param promptTruncated whether the prompt was longer than the encoders take
 */
@SuppressWarnings("ArrayRecordComponent") // shared read-only tensors, never compared
public record Conditioning(
        float[] prior,
        float @Nullable [] priorNegative,
        float[] decoder,
        float @Nullable [] decoderNegative,
        boolean promptTruncated) {}
