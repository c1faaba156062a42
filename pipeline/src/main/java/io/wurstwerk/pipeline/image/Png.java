package io.wurstwerk.pipeline.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes PNG: lossless, deterministic, with no chunks beyond IHDR, IDAT and IEND. */
public final class Png {
    private static final int[] BANDS = {0, 1, 2};

    private Png() {}

    /**
     * The PNG file of an image.
     *
     * @param rgb [height, width, 3]
     */
    public static byte[] encode(int width, int height, byte[] rgb) {
        if (rgb.length != 3 * width * height) {
            throw new IllegalArgumentException("an image of " + width + "x" + height + " pixels has "
                    + 3 * width * height + " bytes, not " + rgb.length);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(rgb.length / 2 + 1024);
        try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(output);
            writer.write(null, new IIOImage(view(width, height, rgb), null, null), null);
        } catch (IOException e) {
            throw new UncheckedIOException("an image in memory cannot be written as PNG", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** The bytes as they are, seen as an image. */
    private static BufferedImage view(int width, int height, byte[] rgb) {
        ComponentColorModel colours = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
        DataBufferByte buffer = new DataBufferByte(rgb, rgb.length);
        return new BufferedImage(
                colours, Raster.createInterleavedRaster(buffer, width, height, 3 * width, 3, BANDS, null), false, null);
    }
}
