package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.ImageSize;

/**
 * A Stage C checkpoint that can be drawn with, and what its configuration recommends.
 *
 * @param recommendedNegativePrompt empty if it wants none
 * @param sideMultiple both sides of an image must be multiples of it, from minSide to maxSide
 */
public record Checkpoint(
        String name,
        double defaultGuidanceScale,
        String recommendedNegativePrompt,
        ImageSize defaultSize,
        int minSide,
        int maxSide,
        int sideMultiple) {

    /** Whether images of this size can be drawn. */
    public boolean draws(ImageSize size) {
        return nearest(size).equals(size);
    }

    /** The valid size nearest to {@code size}, side by side; the larger of two that are equally near. */
    public ImageSize nearest(ImageSize size) {
        return new ImageSize(nearest(size.width()), nearest(size.height()));
    }

    private int nearest(int side) {
        long rounded = (side + sideMultiple / 2L) / sideMultiple * sideMultiple;
        int largest = maxSide / sideMultiple * sideMultiple;
        return Math.clamp(rounded, minSide, largest);
    }
}
