package io.wurstwerk.pipeline.diffusion;

/**
 * The coefficients of one step of {@code DDPMWuerstchenScheduler}, and the step itself, in float32 and in diffusers'
 * order of operations: no two operations are fused, because PyTorch runs each as a kernel of its own.
 *
 * @param scale sqrt(1 / alpha)
 * @param noiseShare 1 - alpha
 * @param deviation sqrt(1 - alpha_cumprod)
 * @param noiseScale standard deviation of the fresh noise
 * @param last whether the step ends at timestep 0, where the noise is drawn but counts for nothing
 */
public record DdpmStep(float scale, float noiseShare, float deviation, float noiseScale, boolean last) {

    /** The step from {@code timestep} to {@code previous}, its successor in the table. */
    public static DdpmStep between(float timestep, float previous) {
        float cumulative = NoiseSchedule.alphaCumprod(timestep);
        float cumulativeNext = NoiseSchedule.alphaCumprod(previous);
        float alpha = cumulative / cumulativeNext;
        return new DdpmStep(
                sqrt(1f / alpha),
                1f - alpha,
                sqrt(1f - cumulative),
                sqrt((1f - alpha) * (1f - cumulativeNext) / (1f - cumulative)),
                previous == 0f);
    }

    /**
     * The less noisy latents.
     *
     * @param latents where the step starts
     * @param eps the noise that the model sees in them
     * @param noise fresh standard normals, as many
     * @return a new array
     */
    public float[] apply(float[] latents, float[] eps, float[] noise) {
        float noiseFactor = last ? 0f : 1f;
        float[] result = new float[latents.length];
        for (int i = 0; i < result.length; i++) {
            float mean = scale * (latents[i] - noiseShare * eps[i] / deviation);
            result[i] = mean + noiseScale * noise[i] * noiseFactor;
        }
        return result;
    }

    /**
     * The latents without any noise, if what the model saw in this step was all of it: a guess to look at, not to go on
     * with.
     *
     * @param result what {@link #apply} made of {@code latents} and {@code noise}
     * @return a new array
     */
    float[] guess(float[] latents, float[] noise, float[] result) {
        double signal = Math.sqrt(1 - (double) deviation * deviation);
        double fresh = last ? 0 : noiseScale;
        float[] guess = new float[latents.length];
        for (int i = 0; i < guess.length; i++) {
            double mean = result[i] - fresh * noise[i];
            double eps = (latents[i] - mean / scale) * deviation / noiseShare;
            guess[i] = (float) ((latents[i] - deviation * eps) / signal);
        }
        return guess;
    }

    private static float sqrt(float value) {
        return (float) Math.sqrt(value);
    }
}
