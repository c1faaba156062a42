package io.wurstwerk.pipeline.diffusion;

import java.util.Arrays;

/**
 * The points in noise time that a sampler visits, from much noise (1) to none (0), as an immutable float32 table.
 * A table of n+1 values makes n denoising steps.
 */
public final class Timesteps {
    /**
     * diffusers' {@code DEFAULT_STAGE_C_TIMESTEPS}: twenty values from 1 to 2/3 and ten more down to 0, 29 steps.
     */
    public static final Timesteps DEFAULT_STAGE_C = defaultStageC();

    private final float[] values;

    private Timesteps(float[] values) {
        this.values = values;
    }

    /**
     * {@code torch.linspace(1, 0, steps + 1)} to the bit, as PyTorch's vectorised CPU kernel computes it: the first
     * half counted from the start with a fused multiply-add, the second half from the end.
     */
    public static Timesteps linear(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("a sampler needs at least one step, not " + steps);
        }
        float step = -1f / steps;
        float[] values = new float[steps + 1];
        for (int i = 0; i <= steps; i++) {
            values[i] = i < (steps + 1) / 2 ? Math.fma(step, i, 1f) : 0f - step * (steps - i);
        }
        return new Timesteps(values);
    }

    /**
     * A table of one's own; each value is rounded to float32 as {@code torch.Tensor(list)} does.
     *
     * @throws IllegalArgumentException unless there are at least two values in [0, 1], strictly decreasing after
     *     rounding
     */
    public static Timesteps of(double... values) {
        if (values.length < 2) {
            throw new IllegalArgumentException("timesteps need at least two values, got " + values.length);
        }
        float[] table = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            table[i] = (float) values[i];
            if (!(values[i] >= 0 && values[i] <= 1)) {
                throw new IllegalArgumentException("timestep " + i + " is " + values[i] + ", outside [0, 1]");
            }
            if (i > 0 && !(table[i] < table[i - 1])) {
                throw new IllegalArgumentException("timesteps must be strictly decreasing, but value " + i + " is "
                        + values[i] + " after " + values[i - 1]);
            }
        }
        return new Timesteps(table);
    }

    private static Timesteps defaultStageC() {
        double[] values = new double[30];
        for (int i = 0; i < 20; i++) {
            values[i] = 1 - i / 57.0;
        }
        for (int i = 20; i < values.length; i++) {
            values[i] = (29 - i) / 15.0;
        }
        return of(values);
    }

    /** Number of denoising steps: one less than the number of values. */
    public int steps() {
        return values.length - 1;
    }

    /** Value {@code index} of the table, from 0 to {@link #steps()}. */
    public float at(int index) {
        return values[index];
    }

    public float[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Timesteps timesteps && Arrays.equals(values, timesteps.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Timesteps" + Arrays.toString(values);
    }
}
