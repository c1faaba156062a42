package io.wurstwerk.pipeline.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.pipeline.golden.Golden;
import io.wurstwerk.pipeline.noise.TorchGenerator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DdpmStepTest {
    private static final Golden UNITS = Golden.read("units");

    @ParameterizedTest
    @ValueSource(strings = {"12", "default", "60", "custom"})
    void givenTorchsCoefficientsTheStepIsBitEqual(String schedule) {
        List<String> differences = new ArrayList<>();
        Recorded recorded = new Recorded(schedule);
        TorchGenerator noise = TorchGenerator.seeded(7);
        for (int i = 0; i < recorded.steps; i++) {
            TorchGenerator.Draw draw = noise.randn(recorded.x.length);
            float[] c = recorded.coefficients(i);
            DdpmStep step = new DdpmStep(c[0], c[1], c[2], c[3], recorded.timesteps[i + 1] == 0f);
            float[] out = step.apply(recorded.x, recorded.eps, draw.values());
            int index = i;
            Golden.differences(out, recorded.out(i)).forEach(d -> differences.add("step " + index + d));
            noise = draw.next();
        }
        assertThat(differences).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "default", "60", "custom"})
    void computedCoefficientsAgreeWithTorchs(String schedule) {
        Recorded recorded = new Recorded(schedule);
        double worst = 0;
        for (int i = 0; i < recorded.steps; i++) {
            DdpmStep step = DdpmStep.between(recorded.timesteps[i], recorded.timesteps[i + 1]);
            float[] expected = recorded.coefficients(i);
            float[] actual = {step.scale(), step.noiseShare(), step.deviation(), step.noiseScale()};
            for (int k = 0; k < actual.length; k++) {
                worst = Math.max(worst, Math.abs(actual[k] - expected[k]) / Math.abs(expected[k]));
            }
            assertThat(step.last()).isEqualTo(recorded.timesteps[i + 1] == 0f);
        }
        System.out.printf("DDPM coefficients, %s: relative error at most %.2g%n", schedule, worst);
        assertThat(worst).isLessThan(1e-5);
    }

    /** One schedule of the golden steps. */
    private static final class Recorded {
        final float[] timesteps;
        final float[] x;
        final float[] eps;
        final int steps;
        private final String name;

        Recorded(String schedule) {
            name = "step." + schedule;
            timesteps = UNITS.floats(name + ".timesteps");
            x = UNITS.floats(name + ".x");
            eps = UNITS.floats(name + ".eps");
            steps = timesteps.length - 1;
        }

        float[] coefficients(int step) {
            return UNITS.item(name + ".coef", step, steps);
        }

        float[] out(int step) {
            return UNITS.item(name + ".out", step, steps);
        }
    }
}
