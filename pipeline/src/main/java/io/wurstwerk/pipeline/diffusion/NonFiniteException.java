package io.wurstwerk.pipeline.diffusion;

/** A model answered something that made the latents NaN or infinite. Drawing on would give a black picture. */
public final class NonFiniteException extends RuntimeException {
    private final Stage stage;
    private final int step;

    NonFiniteException(Stage stage, int step, int index, float value) {
        super("the latents of " + stage + " are not finite after step " + step + ": element " + index + " is " + value
                + "; the model's answer or its precision is at fault");
        this.stage = stage;
        this.step = step;
    }

    public Stage stage() {
        return stage;
    }

    /** The step after which it showed, counted from 1. */
    public int step() {
        return step;
    }

    /** Answers {@code latents} if all of them are finite. */
    static float[] refuse(float[] latents, Stage stage, int step) {
        for (int i = 0; i < latents.length; i++) {
            if (!Float.isFinite(latents[i])) {
                throw new NonFiniteException(stage, step, i, latents[i]);
            }
        }
        return latents;
    }
}
