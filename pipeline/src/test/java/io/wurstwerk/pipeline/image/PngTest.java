package io.wurstwerk.pipeline.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PngTest {

    @Property(tries = 60)
    void aPngDecodesToTheSamePixels(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll long seed)
            throws IOException {
        byte[] rgb = pixels(width, height, seed);

        BufferedImage image = ImageIO.read(new ByteArrayInputStream(Png.encode(width, height, rgb)));

        assertThat(image.getWidth()).isEqualTo(width);
        assertThat(image.getHeight()).isEqualTo(height);
        for (int i = 0; i < width * height; i++) {
            int expected = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
            assertThat(image.getRGB(i % width, i / width) & 0xffffff).isEqualTo(expected);
        }
    }

    @Test
    void thereAreNoChunksButHeaderDataAndEnd() {
        ByteBuffer png = ByteBuffer.wrap(Png.encode(128, 64, pixels(128, 64, 5)));
        assertThat(png.getLong()).isEqualTo(0x89504e470d0a1a0aL);
        Set<String> chunks = new LinkedHashSet<>();
        while (png.hasRemaining()) {
            int length = png.getInt();
            byte[] type = new byte[4];
            png.get(type);
            chunks.add(new String(type, StandardCharsets.US_ASCII));
            png.position(png.position() + length + 4);
        }
        assertThat(chunks).containsExactly("IHDR", "IDAT", "IEND");
    }

    @Test
    void equalPixelsGiveEqualFiles() {
        byte[] rgb = pixels(256, 256, 1);
        assertThat(Png.encode(256, 256, rgb)).isEqualTo(Png.encode(256, 256, rgb.clone()));
    }

    @Test
    void theWrongNumberOfBytesIsRefused() {
        assertThatThrownBy(() -> Png.encode(2, 2, new byte[11]))
                .hasMessageContaining("2x2 pixels has 12 bytes, not 11");
    }

    private static byte[] pixels(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return rgb;
    }
}
