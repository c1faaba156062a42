package io.wurstwerk.pipeline.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatentGeometryTest {
    private static final LatentGeometry RELEASED = new LatentGeometry(42.67, 10.67);

    @ParameterizedTest
    @CsvSource({"128,3,32", "256,6,64", "512,12,128", "1024,24,256", "1536,36,384", "2048,48,512"})
    void sidesAreThoseOfDiffusers(int pixels, int stageC, int stageB) {
        ImageSize square = new ImageSize(pixels, pixels);
        assertThat(RELEASED.stageC(square)).isEqualTo(new LatentShape(16, stageC, stageC));
        assertThat(RELEASED.stageB(square)).isEqualTo(new LatentShape(4, stageB, stageB));
    }

    @Test
    void heightComesBeforeWidth() {
        assertThat(RELEASED.stageC(new ImageSize(128, 384))).isEqualTo(new LatentShape(16, 9, 3));
        assertThat(RELEASED.stageB(new ImageSize(128, 384))).isEqualTo(new LatentShape(4, 96, 32));
    }

    @Property
    void everyMultipleOf128UpTo6272IsDrawnAsAsked(
            @ForAll @IntRange(min = 1, max = 49) int columns, @ForAll @IntRange(min = 1, max = 49) int rows) {
        ImageSize size = new ImageSize(128 * columns, 128 * rows);
        assertThat(RELEASED.drawn(size)).isEqualTo(size);
        assertThat(RELEASED.stageB(size).height() % 16).isZero();
    }

    @Test
    void aSideOfNothingIsRefused() {
        assertThatThrownBy(() -> new ImageSize(0, 128)).hasMessageContaining("0x128");
        assertThatThrownBy(() -> new LatentShape(16, 3, -1)).hasMessageContaining("[16,3,-1]");
        assertThatThrownBy(() -> new LatentGeometry(0, 10.67)).hasMessageContaining("resolution_multiple");
    }
}
