package io.wurstwerk.pipeline.image;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;

/** Writes PNG: lossless, deterministic, with no chunks beyond IHDR, IDAT, IEND and the text that is asked for. */
public final class Png {
    /** Keyword of an XMP packet. */
    static final String XMP = "XML:com.adobe.xmp";

    private static final byte[] TEXT_TYPE = "iTXt".getBytes(StandardCharsets.US_ASCII);
    /** Signature and IHDR, whose size is fixed. */
    private static final int HEAD = 8 + 12 + 13;

    private Png() {}

    /**
     * Text of a file.
     *
     * @param keyword 1 to 79 printable ASCII characters
     * @param text without the character NUL
     */
    record Text(String keyword, String text) {}

    /**
     * The PNG file of an image.
     *
     * @param rgb [height, width, 3]
     */
    public static byte[] encode(int width, int height, byte[] rgb) {
        BufferedImage image = Pixels.view(width, height, rgb);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try {
            return Pixels.write(writer, image, null, null);
        } finally {
            writer.dispose();
        }
    }

    /** The file with texts before its pixels, each as an uncompressed iTXt chunk. */
    static byte[] withText(byte[] png, List<Text> texts) {
        List<byte[]> chunks = texts.stream().map(Png::chunk).toList();
        int added = chunks.stream().mapToInt(chunk -> chunk.length).sum();
        ByteBuffer file = ByteBuffer.allocate(png.length + added);
        file.put(png, 0, HEAD);
        chunks.forEach(file::put);
        file.put(png, HEAD, png.length - HEAD);
        return file.array();
    }

    private static byte[] chunk(Text text) {
        byte[] keyword = text.keyword().getBytes(StandardCharsets.US_ASCII);
        byte[] value = text.text().getBytes(StandardCharsets.UTF_8);
        // After the keyword: its end, not compressed, no method, no language, no translated keyword.
        int length = keyword.length + 5 + value.length;
        ByteBuffer chunk = ByteBuffer.allocate(12 + length);
        chunk.putInt(length).put(TEXT_TYPE).put(keyword).put(new byte[5]).put(value);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + length);
        chunk.putInt((int) crc.getValue());
        return chunk.array();
    }
}
