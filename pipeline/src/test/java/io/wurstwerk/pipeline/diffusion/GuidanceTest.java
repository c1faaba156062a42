package io.wurstwerk.pipeline.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.pipeline.golden.Golden;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuidanceTest {
    private static final Golden UNITS = Golden.read("units");

    @ParameterizedTest
    @ValueSource(doubles = {1.5, 2.0, 4.0, 7.3, 8.0})
    void joiningTwoRowsEqualsTorchLerpBitForBit(double scale) {
        float[] text = UNITS.floats("lerp.text");
        float[] rows = Arrays.copyOf(text, 2 * text.length);
        System.arraycopy(UNITS.floats("lerp.uncond"), 0, rows, text.length, text.length);

        float[] joined = Guidance.join(rows, scale);

        assertThat(Golden.differences(joined, UNITS.floats("lerp." + scale))).isEmpty();
    }

    @Test
    void onlyAScaleAboveOneGuides() {
        assertThat(Guidance.applies(0)).isFalse();
        assertThat(Guidance.applies(1)).isFalse();
        assertThat(Guidance.applies(Math.nextUp(1.0))).isTrue();
    }

    @Property
    void equalPredictionsStayAsTheyAre(@ForAll float prediction, @ForAll @FloatRange(min = 1, max = 30) float scale) {
        assertThat(Guidance.lerp(prediction, prediction, scale)).isEqualTo(prediction);
    }
}
