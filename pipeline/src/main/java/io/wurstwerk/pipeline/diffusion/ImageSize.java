package io.wurstwerk.pipeline.diffusion;

/** Width and height of an image in pixels. */
public record ImageSize(int width, int height) {
    public ImageSize {
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException(
                    "an image of " + width + "x" + height + " pixels: both sides must be positive");
        }
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
