package io.wurstwerk.pipeline.image;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPWriteParam;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** Writes lossy WebP with libwebp. */
final class Webp {
    /** Whatever comes before the first chunk: RIFF, its size, WEBP. */
    private static final int HEAD = 12;

    private static final byte[] RIFF = "RIFF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WEBP = "WEBP".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXTENDED = "VP8X".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] XMP = "XMP ".getBytes(StandardCharsets.US_ASCII);
    private static final int EXTENDED_SIZE = 10;
    private static final int HAS_XMP = 0x04;

    private Webp() {}

    static byte[] encode(int width, int height, byte[] rgb, int quality) {
        BufferedImage image = Pixels.view(width, height, rgb);
        try {
            // The provider is named here and not looked up, which a framework's class loaders would get in the way of.
            ImageWriter writer = new WebPImageWriterSpi().createWriterInstance(null);
            try {
                WebPWriteParam parameters = new WebPWriteParam(Locale.ROOT);
                parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                parameters.setCompressionType(CompressionType.Lossy);
                parameters.setCompressionQuality(quality / 100f);
                return Pixels.write(writer, image, null, parameters);
            } finally {
                writer.dispose();
            }
        } catch (LinkageError | IllegalStateException missing) {
            throw new UnsupportedFormatException(
                    "WebP files cannot be written on this platform: libwebp could not be loaded", missing);
        }
    }

    /** The file in WebP's extended form with an XMP packet behind the pixels. */
    static byte[] withXmp(byte[] webp, int width, int height, byte[] packet) {
        int padding = packet.length & 1;
        int size = webp.length + 8 + EXTENDED_SIZE + 8 + packet.length + padding;
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.put(RIFF).putInt(size - 8).put(WEBP);
        file.put(EXTENDED).putInt(EXTENDED_SIZE).putInt(HAS_XMP);
        putSide(file, width);
        putSide(file, height);
        file.put(webp, HEAD, webp.length - HEAD);
        file.put(XMP).putInt(packet.length).put(packet);
        return file.array();
    }

    /** 24 bits of one less than the side. */
    private static void putSide(ByteBuffer file, int side) {
        int less = side - 1;
        file.put((byte) less).put((byte) (less >> 8)).put((byte) (less >> 16));
    }
}
