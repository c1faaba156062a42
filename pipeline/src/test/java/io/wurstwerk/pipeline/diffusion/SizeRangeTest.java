package io.wurstwerk.pipeline.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizeRangeTest {

    @ParameterizedTest
    @ValueSource(strings = {"1024x2048", "512x512-1536x1536"})
    void readsWhatItWrites(String text) {
        assertThat(SizeRange.parse(text)).hasToString(text);
    }

    @Test
    void containsWhatLiesBetweenWithBothSides() {
        SizeRange range = SizeRange.parse("512x256-1536x1024");
        assertThat(range.contains(new ImageSize(512, 1024))).isTrue();
        assertThat(range.contains(new ImageSize(1536, 256))).isTrue();
        assertThat(range.contains(new ImageSize(384, 512))).isFalse();
        assertThat(range.contains(new ImageSize(512, 1152))).isFalse();
        assertThat(range.nearest(new ImageSize(2048, 128))).isEqualTo(new ImageSize(1536, 256));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1024", "1024x", "x", "1024x1024-", "512x512-256x1024", "0x128", "1024 x 1024"})
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> SizeRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
