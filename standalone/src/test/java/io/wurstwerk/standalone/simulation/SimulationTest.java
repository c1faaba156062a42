package io.wurstwerk.standalone.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.standalone.simulation.Simulation.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A seed that fails here fails again with {@code ./wurstwerk simulate --seeds 1 --from <seed>}. */
final class SimulationTest {
    private static final int SEEDS = 1_000;

    @Test
    void everyJobHasExactlyOneRightAnswerWhateverGoesWrong() {
        Summary summary = Simulation.run(1, SEEDS, Mutation.NONE);

        assertThat(summary.failure())
                .as("repeat with: ./wurstwerk simulate --seeds 1 --from " + summary.failedSeed())
                .isEmpty();
        assertThat(summary.jobs()).isGreaterThan(50 * SEEDS);
        assertThat(summary.kills()).as("processes were killed").isGreaterThan(SEEDS);
        assertThat(summary.laneCrashes()).as("model servers died").isGreaterThan(SEEDS);
        assertThat(summary.resumes()).as("images went on from checkpoints").isGreaterThan(SEEDS);
        assertThat(summary.resumedDecodes())
                .as("images went on from the end of Stage C")
                .isGreaterThan(SEEDS);
        System.out.println(summary);
    }

    @Test
    void aSeedIsTheSameEveryTime() {
        assertThat(Simulation.run(7, 3, Mutation.NONE)).isEqualTo(Simulation.run(7, 3, Mutation.NONE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenProtocolIsNoticed(Mutation mutation) {
        Summary summary = Simulation.run(1, SEEDS, mutation);

        assertThat(summary.failure()).as("%s was not noticed", mutation).isPresent();
        System.out.println(mutation + " is noticed by seed " + summary.failedSeed() + ": "
                + summary.failure().orElseThrow());
    }
}
