package io.wurstwerk.pipeline.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.pipeline.diffusion.PreviewMap;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PreviewTest {

    @Test
    void aPixelIsTheBiasAndTheWeightedChannelsOfItsPlaceClamped() {
        double[] weights = new double[48];
        weights[0] = 0.5;
        weights[15] = 0.25;
        weights[16 + 1] = -1;
        weights[32 + 2] = 100;
        PreviewMap map = new PreviewMap(weights, new double[] {0.1, 0.9, 0.5});
        LatentShape shape = new LatentShape(16, 1, 2);
        float[] latents = new float[32];
        latents[0] = 0.2f; // channel 0, left
        latents[30] = 0.4f; // channel 15, left
        latents[2] = 0.3f; // channel 1, left
        latents[4] = 1f; // channel 2, left
        latents[5] = -1f; // channel 2, right

        // Left: 0.1 + 0.5*0.2 + 0.25*0.4 = 0.3; 0.9 - 0.3 = 0.6; 100.5. Right: 0.1; 0.9; -99.5.
        assertThat(map.rgb(shape, latents)).containsExactly(77, (byte) 153, (byte) 255, 26, (byte) 230, 0);
    }

    @Test
    void otherNumbersOfWeightsOrLatentsAreRefused() {
        assertThatThrownBy(() -> new PreviewMap(new double[47], new double[3])).hasMessageContaining("not 47 and 3");
        PreviewMap map = new PreviewMap(new double[48], new double[3]);
        assertThatThrownBy(() -> map.rgb(new LatentShape(4, 1, 1), new float[4]))
                .hasMessageContaining("16 channels");
        assertThatThrownBy(() -> map.rgb(new LatentShape(16, 1, 1), new float[15]))
                .hasMessageContaining("15 latents");
    }

    @Test
    void enlargingBlendsBetweenCentresAndKeepsTheRim() {
        byte[] small = {0, 0, 0, 81, 81, 81, 0, 0, 0, 81, 81, 81};
        assertThat(grey(Preview.enlarged(small, 2, 2, 4), 8).getFirst()).containsExactly(0, 0, 10, 30, 51, 71, 81, 81);
        byte[] tall = {0, 0, 0, 0, 0, 0, 81, 81, 81, 81, 81, 81};
        assertThat(grey(Preview.enlarged(tall, 2, 2, 4), 8).stream().map(List::getFirst))
                .containsExactly(0, 0, 10, 30, 51, 71, 81, 81);
    }

    @Test
    void aSmallPictureIsEnlargedToNinetySixAndALargeOneFourfold() throws Exception {
        assertThat(sides(6, 6)).containsExactly(96, 96);
        assertThat(sides(6, 12)).containsExactly(96, 48);
        assertThat(sides(24, 24)).containsExactly(96, 96);
        assertThat(sides(48, 24)).containsExactly(96, 192);
    }

    private static List<Integer> sides(int height, int width) throws Exception {
        PreviewMap map = new PreviewMap(new double[48], new double[] {1, 0, 0});
        LatentShape shape = new LatentShape(16, height, width);
        Preview preview = Preview.of(map, shape, new float[shape.elements()]);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(preview.png()));
        assertThat(image.getRGB(image.getWidth() - 1, image.getHeight() - 1)).isEqualTo(0xffff0000);
        assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(preview.width(), preview.height());
        return List.of(preview.width(), preview.height());
    }

    private static List<List<Integer>> grey(byte[] rgb, int width) {
        return IntStream.range(0, rgb.length / 3 / width)
                .mapToObj(y -> IntStream.range(0, width)
                        .mapToObj(x -> rgb[3 * (y * width + x)] & 0xff)
                        .toList())
                .toList();
    }
}
