package io.wurstwerk.pipeline.diffusion;

/**
 * How much signal is left at a point in noise time: the squared-cosine schedule of {@code DDPMWuerstchenScheduler} with
 * {@code scaler} 1 and {@code s} 0.008, in float32 and in diffusers' order of operations.
 */
public final class NoiseSchedule {
    private static final float S = 0.008f;
    private static final float PI = (float) Math.PI;
    private static final float INITIAL = squaredCosine(S / (1f + S) * PI * 0.5f);
    private static final float LOWEST = 0.0001f;
    private static final float HIGHEST = 0.9999f;

    private NoiseSchedule() {}

    /** The cumulative product of alphas at {@code timestep}, in [0.0001, 0.9999]. */
    public static float alphaCumprod(float timestep) {
        float value = squaredCosine((timestep + S) / (1f + S) * PI * 0.5f) / INITIAL;
        return Math.clamp(value, LOWEST, HIGHEST);
    }

    private static float squaredCosine(float angle) {
        float cosine = (float) StrictMath.cos(angle);
        return cosine * cosine;
    }
}
