package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.util.Comparator;
import java.util.List;

/**
 * A Stage C checkpoint that can be drawn with, and what its configuration recommends.
 *
 * @param recommendedNegativePrompt empty if it wants none
 * @param sideMultiple both sides of an image must be multiples of it, from minSide to maxSide
 * @param servedSizes what the model server was built for; empty where it draws every size within the limits above
 */
public record Checkpoint(
        String name,
        double defaultGuidanceScale,
        String recommendedNegativePrompt,
        ImageSize defaultSize,
        int minSide,
        int maxSide,
        int sideMultiple,
        List<SizeRange> servedSizes) {

    public Checkpoint {
        servedSizes = List.copyOf(servedSizes);
    }

    /** Whether images of this size can be drawn. */
    public boolean draws(ImageSize size) {
        return nearest(size).equals(size);
    }

    /** The valid size nearest to {@code size}, side by side; the larger of two that are equally near. */
    public ImageSize nearest(ImageSize size) {
        ImageSize regular = new ImageSize(nearest(size.width()), nearest(size.height()));
        return servedSizes.stream()
                .map(range -> range.nearest(regular))
                .min(Comparator.comparingInt(served ->
                        Math.abs(served.width() - regular.width()) + Math.abs(served.height() - regular.height())))
                .orElse(regular);
    }

    private int nearest(int side) {
        long rounded = (side + sideMultiple / 2L) / sideMultiple * sideMultiple;
        int largest = maxSide / sideMultiple * sideMultiple;
        return Math.clamp(rounded, minSide, largest);
    }
}
