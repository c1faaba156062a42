package io.wurstwerk.pipeline.image;

import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.pipeline.diffusion.PreviewMap;

/**
 * A small picture of an image on its way.
 *
 * @param png the file
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Preview(int width, int height, byte[] png) {
    private static final int LEAST_FACTOR = 4;
    private static final int WANTED_SIDE = 96;

    /**
     * Latents as a picture: each place becomes 4x4 pixels, or more where the longer side would have fewer than 96, with
     * colours blended between the places.
     *
     * @param latents of Stage C in the shape
     */
    public static Preview of(PreviewMap map, LatentShape shape, float[] latents) {
        int longer = Math.max(shape.width(), shape.height());
        int factor = Math.max(LEAST_FACTOR, WANTED_SIDE / longer);
        int width = shape.width() * factor;
        int height = shape.height() * factor;
        byte[] rgb = enlarged(map.rgb(shape, latents), shape.width(), shape.height(), factor);
        return new Preview(width, height, Png.encode(width, height, rgb));
    }

    /** Bilinear between the centres of the pixels, in whole numbers, so that it is the same everywhere. */
    static byte[] enlarged(byte[] rgb, int width, int height, int factor) {
        byte[] large = new byte[rgb.length * factor * factor];
        int unit = 2 * factor;
        int half = unit * unit / 2;
        int at = 0;
        for (int y = 0; y < height * factor; y++) {
            int top = position(y, factor, height);
            for (int x = 0; x < width * factor; x++) {
                int left = position(x, factor, width);
                int corner = 3 * (top / unit * width + left / unit);
                int right = corner + (left % unit == 0 ? 0 : 3);
                int below = top % unit == 0 ? 0 : 3 * width;
                for (int colour = 0; colour < 3; colour++) {
                    int upper = (unit - left % unit) * (rgb[corner + colour] & 0xff)
                            + left % unit * (rgb[right + colour] & 0xff);
                    int lower = (unit - left % unit) * (rgb[corner + below + colour] & 0xff)
                            + left % unit * (rgb[right + below + colour] & 0xff);
                    large[at++] = (byte) (((unit - top % unit) * upper + top % unit * lower + half) / (unit * unit));
                }
            }
        }
        return large;
    }

    /** Where the centre of an enlarged pixel lies between the centres of the small ones, in parts of 2 * factor. */
    private static int position(int pixel, int factor, int side) {
        return Math.clamp(2 * pixel + 1 - factor, 0, 2 * factor * (side - 1));
    }
}
