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
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/** Pixels as bytes, seen as the JDK's encoders want them. */
final class Pixels {
    private static final int[] BANDS = {0, 1, 2};

    private Pixels() {}

    /**
     * The bytes as they are, seen as an image.
     *
     * @throws IllegalArgumentException if there are more or fewer than the image has
     */
    static BufferedImage view(int width, int height, byte[] rgb) {
        if (rgb.length != 3 * width * height) {
            throw new IllegalArgumentException("an image of " + width + "x" + height + " pixels has "
                    + 3 * width * height + " bytes, not " + rgb.length);
        }
        ComponentColorModel colours = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
        DataBufferByte buffer = new DataBufferByte(rgb, rgb.length);
        return new BufferedImage(
                colours, Raster.createInterleavedRaster(buffer, width, height, 3 * width, 3, BANDS, null), false, null);
    }

    /** What a writer makes of an image. The caller disposes of the writer. */
    static byte[] write(
            ImageWriter writer,
            BufferedImage image,
            @Nullable IIOMetadata metadata,
            @Nullable ImageWriteParam parameters) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(image.getWidth() * image.getHeight() + 1024);
        try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(output);
            writer.write(null, new IIOImage(image, null, metadata), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("an image in memory cannot be written", e);
        }
        return bytes.toByteArray();
    }
}
