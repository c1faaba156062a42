package io.wurstwerk.pipeline.diffusion;

import java.util.Arrays;

/** Classifier-free guidance: away from the unconditional prediction, past the conditional one. */
public final class Guidance {
    private Guidance() {}

    /** Whether a scale asks for guidance at all: strictly above 1, as in diffusers. */
    public static boolean applies(double scale) {
        return scale > 1;
    }

    /**
     * {@code torch.lerp(unconditional, conditional, weight)} for a weight of at least 0.5, to the bit as on x86-64,
     * where the last multiplication and addition are fused.
     */
    public static float lerp(float unconditional, float conditional, float weight) {
        return Math.fma(conditional - unconditional, weight - 1f, conditional);
    }

    /**
     * Joins the two rows of a guided prediction.
     *
     * @param rows the conditional row, then the unconditional one, concatenated
     * @return one row, a new array
     */
    static float[] join(float[] rows, double scale) {
        int elements = rows.length / 2;
        float weight = (float) scale;
        float[] joined = Arrays.copyOf(rows, elements);
        for (int i = 0; i < elements; i++) {
            joined[i] = lerp(rows[elements + i], joined[i], weight);
        }
        return joined;
    }
}
