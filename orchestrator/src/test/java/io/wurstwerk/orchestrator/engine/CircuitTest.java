package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CircuitTest {
    /** The longest pause of each doubling: 1, 2, 4, 8 seconds. */
    private static final RandomGenerator MOST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return new SplittableRandom(1).nextLong();
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final Circuit circuit = new Circuit(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), MOST));

    @Test
    void whileClosedAllMayAsk() {
        assertThat(circuit.closed()).isTrue();
        assertThat(circuit.mayAsk(NOW)).isTrue();
        assertThat(circuit.mayAsk(NOW)).isTrue();
    }

    @Test
    void whileOpenOneProbeIsLetThroughAfterEachPauseAndThePausesDouble() {
        circuit.failed(NOW);
        assertThat(circuit.closed()).isFalse();
        Instant at = NOW;
        for (int pause : new int[] {1, 2, 4, 8, 8}) {
            assertThat(circuit.mayAsk(at.plusSeconds(pause).minusNanos(1))).isFalse();
            at = at.plusSeconds(pause);
            assertThat(circuit.due(at)).isTrue();
            assertThat(circuit.mayAsk(at)).isTrue();
            assertThat(circuit.due(at)).isFalse();
            assertThat(circuit.mayAsk(at.plusSeconds(100))).isFalse();
            circuit.failed(at);
        }
        circuit.worked();
        assertThat(circuit.mayAsk(at)).isTrue();
    }

    @Test
    void whoWasAskedBeforeItOpenedAndFailsAfterDoesNotLengthenThePause() {
        circuit.failed(NOW);
        circuit.failed(NOW.plusMillis(900));
        circuit.failed(NOW.plusMillis(990));
        assertThat(circuit.mayAsk(NOW.plusSeconds(1))).isTrue();
    }

    @Test
    void aProbeThatWasGivenUpMakesRoomForTheNext() {
        circuit.failed(NOW);
        assertThat(circuit.mayAsk(NOW.plusSeconds(1))).isTrue();
        circuit.unprobed();
        assertThat(circuit.mayAsk(NOW.plusSeconds(1))).isTrue();
    }

    @Test
    void threeJobsInARowWithModelErrorsOpenItAndOneJobDoesNot() {
        assertThat(circuit.erred(id(1), NOW)).isFalse();
        assertThat(circuit.erred(id(1), NOW)).isFalse();
        assertThat(circuit.erred(id(2), NOW)).isFalse();
        assertThat(circuit.closed()).isTrue();
        assertThat(circuit.erred(id(3), NOW)).isTrue();
        assertThat(circuit.erring()).isTrue();
        assertThat(circuit.mayAsk(NOW)).isFalse();
        circuit.answered();
        assertThat(circuit.closed()).as("an encoded prompt proves nothing").isFalse();
        circuit.worked();
        assertThat(circuit.closed()).isTrue();
        assertThat(circuit.erring()).isFalse();
    }

    @Test
    void aStepThatWorksEndsTheRowAndAnEncodedPromptDoesNot() {
        circuit.erred(id(1), NOW);
        circuit.erred(id(2), NOW);
        circuit.answered();
        assertThat(circuit.erred(id(3), NOW)).isTrue();
        circuit.worked();
        circuit.erred(id(1), NOW);
        circuit.erred(id(2), NOW);
        circuit.worked();
        assertThat(circuit.erred(id(3), NOW)).isFalse();
    }

    @Test
    void anErrorIsAnAnswerAndClosesWhatAnOutageOpened() {
        circuit.failed(NOW);
        assertThat(circuit.erred(id(1), NOW)).isFalse();
        assertThat(circuit.closed()).isTrue();
        circuit.failed(NOW);
        circuit.answered();
        assertThat(circuit.closed()).isTrue();
    }
}
