package io.wurstwerk.pipeline.diffusion;

/**
 * A linear map from the latents of Stage C to colours: a rough look at a picture that is not drawn yet, at the price of
 * a few thousand multiplications. Immutable.
 */
public final class PreviewMap {
    public static final int COLOURS = 3;
    public static final int WEIGHTS = COLOURS * 16;

    private static final int CHANNELS = WEIGHTS / COLOURS;

    private final double[] weights;
    private final double[] bias;

    /**
     * A map that gives red, green and blue between 0 and 1.
     *
     * @param weights of the 16 channels for red, then for green, then for blue
     * @param bias for red, green and blue
     */
    public PreviewMap(double[] weights, double[] bias) {
        if (weights.length != WEIGHTS || bias.length != COLOURS) {
            throw new IllegalArgumentException("a preview map has " + WEIGHTS + " weights and a bias of " + COLOURS
                    + ", not " + weights.length + " and " + bias.length);
        }
        this.weights = weights.clone();
        this.bias = bias.clone();
    }

    /**
     * One pixel for each place of the latents, [height, width, 3]. What is out of range is clamped.
     *
     * @param latents of Stage C in the shape
     */
    public byte[] rgb(LatentShape shape, float[] latents) {
        if (shape.channels() != CHANNELS || latents.length != shape.elements()) {
            throw new IllegalArgumentException("no preview of " + latents.length + " latents in shape " + shape
                    + ": there must be " + CHANNELS + " channels");
        }
        int places = shape.height() * shape.width();
        byte[] rgb = new byte[COLOURS * places];
        for (int place = 0; place < places; place++) {
            for (int colour = 0; colour < COLOURS; colour++) {
                double value = bias[colour];
                for (int channel = 0; channel < CHANNELS; channel++) {
                    value += weights[CHANNELS * colour + channel] * latents[channel * places + place];
                }
                rgb[COLOURS * place + colour] = (byte) Math.clamp(Math.round(255 * value), 0, 255);
            }
        }
        return rgb;
    }
}
