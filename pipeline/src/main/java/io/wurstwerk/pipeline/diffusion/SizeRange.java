package io.wurstwerk.pipeline.diffusion;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All image sizes from {@code smallest} to {@code largest}, each side by itself. */
public record SizeRange(ImageSize smallest, ImageSize largest) {
    private static final String SIZE = "([0-9]{1,5})x([0-9]{1,5})";
    private static final Pattern RANGE = Pattern.compile(SIZE + "(?:-" + SIZE + ")?");

    public SizeRange {
        if (largest.width() < smallest.width() || largest.height() < smallest.height()) {
            throw new IllegalArgumentException("the size range " + smallest + "-" + largest + " ends before it begins");
        }
    }

    /**
     * Reads {@code 1024x2048}, or {@code 512x512-1536x1536} for a range.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static SizeRange parse(String text) {
        Matcher found = RANGE.matcher(text);
        if (!found.matches()) {
            throw new IllegalArgumentException(text + " is neither a size nor a range of sizes");
        }
        ImageSize smallest = new ImageSize(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)));
        return found.group(3) == null
                ? new SizeRange(smallest, smallest)
                : new SizeRange(
                        smallest, new ImageSize(Integer.parseInt(found.group(3)), Integer.parseInt(found.group(4))));
    }

    public boolean contains(ImageSize size) {
        return nearest(size).equals(size);
    }

    /** The size of the range that is nearest, side by side. */
    public ImageSize nearest(ImageSize size) {
        return new ImageSize(
                Math.clamp(size.width(), smallest.width(), largest.width()),
                Math.clamp(size.height(), smallest.height(), largest.height()));
    }

    @Override
    public String toString() {
        return smallest.equals(largest) ? smallest.toString() : smallest + "-" + largest;
    }
}
