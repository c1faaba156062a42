package io.wurstwerk.pipeline.image;

/** The kinds of image files that can be written. */
public sealed interface ImageFormat {

    /** Lossless: the same pixels come out. */
    record Png() implements ImageFormat {}

    /**
     * Baseline JPEG; colour at full resolution from quality 90 on, at half below.
     *
     * @param quality 1 to 100
     */
    record Jpeg(int quality) implements ImageFormat {
        public Jpeg {
            requireQuality(quality);
        }
    }

    /**
     * Lossy WebP, also at 100.
     *
     * @param quality 1 to 100
     */
    record Webp(int quality) implements ImageFormat {
        public Webp {
            requireQuality(quality);
        }
    }

    private static void requireQuality(int quality) {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("the quality of an image file is 1 to 100, not " + quality);
        }
    }
}
