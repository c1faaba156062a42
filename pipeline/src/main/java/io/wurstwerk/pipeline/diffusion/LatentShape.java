package io.wurstwerk.pipeline.diffusion;

/** Shape of the latents of one image, without a batch dimension: [channels, height, width], row-major. */
public record LatentShape(int channels, int height, int width) {
    public LatentShape {
        if (channels <= 0 || height <= 0 || width <= 0) {
            throw new IllegalArgumentException(
                    "latents of shape [" + channels + "," + height + "," + width + "]: every side must be positive");
        }
    }

    /** Number of elements. */
    public int elements() {
        return Math.multiplyExact(Math.multiplyExact(channels, height), width);
    }

    @Override
    public String toString() {
        return "[" + channels + "," + height + "," + width + "]";
    }
}
