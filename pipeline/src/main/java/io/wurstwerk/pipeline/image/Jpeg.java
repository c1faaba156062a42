package io.wurstwerk.pipeline.image;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Writes baseline JPEG with the JDK's encoder. */
final class Jpeg {
    /** From this quality on, colour keeps its full resolution: below, the eye does not miss it and the file is smaller. */
    static final int FULL_COLOUR = 90;

    private static final String TREE = "javax_imageio_jpeg_image_1.0";
    private static final byte[] XMP = "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGEST_SEGMENT = 0xffff;
    private static final byte APP1 = (byte) 0xe1;

    private Jpeg() {}

    static byte[] encode(int width, int height, byte[] rgb, int quality) {
        BufferedImage image = Pixels.view(width, height, rgb);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try {
            JPEGImageWriteParam parameters = new JPEGImageWriteParam(Locale.ROOT);
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality / 100f);
            parameters.setOptimizeHuffmanTables(true);
            IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), parameters);
            if (quality >= FULL_COLOUR) {
                keepColour(metadata);
            }
            return Pixels.write(writer, image, metadata, parameters);
        } finally {
            writer.dispose();
        }
    }

    /** Brightness is sampled as often as colour, instead of twice as often. */
    private static void keepColour(IIOMetadata metadata) {
        Element tree = (Element) metadata.getAsTree(TREE);
        NodeList components = tree.getElementsByTagName("componentSpec");
        Element brightness = (Element) components.item(0);
        brightness.setAttribute("HsamplingFactor", "1");
        brightness.setAttribute("VsamplingFactor", "1");
        try {
            metadata.setFromTree(TREE, tree);
        } catch (IIOInvalidTreeException e) {
            throw new UncheckedIOException("the JDK's JPEG encoder does not take a sampling factor of 1", e);
        }
    }

    /** The file with an XMP packet in an APP1 segment, right behind the JFIF header. */
    static byte[] withXmp(byte[] jpeg, byte[] packet) {
        int length = 2 + XMP.length + packet.length;
        if (length > LARGEST_SEGMENT) {
            throw new IllegalArgumentException("metadata of " + packet.length
                    + " bytes do not fit into a JPEG file: at most " + (LARGEST_SEGMENT - 2 - XMP.length) + " do");
        }
        ByteBuffer from = ByteBuffer.wrap(jpeg);
        int head = 4 + from.getShort(4);
        return ByteBuffer.allocate(jpeg.length + 2 + length)
                .put(jpeg, 0, head)
                .put((byte) 0xff)
                .put(APP1)
                .putShort((short) length)
                .put(XMP)
                .put(packet)
                .put(jpeg, head, jpeg.length - head)
                .array();
    }
}
