package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static io.wurstwerk.orchestrator.job.JobState.Dependency.STORE;
import static io.wurstwerk.orchestrator.job.JobState.Dependency.TRITON;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class OutagesTest {
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

    private final Outages outages = new Outages(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), MOST));

    @Test
    void whoIsPresentMayBeAskedByAll() {
        assertThat(outages.present(TRITON)).isTrue();
        assertThat(outages.mayAsk(TRITON, NOW)).isTrue();
        assertThat(outages.mayAsk(TRITON, NOW)).isTrue();
    }

    @Test
    void anOutageLetsOneProbeThroughAfterEachPauseAndThePausesDouble() {
        outages.failed(TRITON, NOW);
        assertThat(outages.present(TRITON)).isFalse();
        assertThat(outages.present(STORE)).isTrue();
        Instant at = NOW;
        for (int pause : new int[] {1, 2, 4, 8, 8}) {
            assertThat(outages.mayAsk(TRITON, at.plusSeconds(pause).minusNanos(1)))
                    .isFalse();
            at = at.plusSeconds(pause);
            assertThat(outages.mayAsk(TRITON, at)).isTrue();
            assertThat(outages.mayAsk(TRITON, at.plusSeconds(100))).isFalse();
            outages.failed(TRITON, at);
        }
        outages.worked(TRITON);
        assertThat(outages.mayAsk(TRITON, at)).isTrue();
    }

    @Test
    void whoWasAskedBeforeTheOutageAndFailsInItDoesNotLengthenIt() {
        outages.failed(TRITON, NOW);
        outages.failed(TRITON, NOW.plusMillis(900));
        outages.failed(TRITON, NOW.plusMillis(990));
        assertThat(outages.mayAsk(TRITON, NOW.plusSeconds(1))).isTrue();
    }

    @Test
    void aProbeThatWasGivenUpMakesRoomForTheNext() {
        outages.failed(STORE, NOW);
        assertThat(outages.mayAsk(STORE, NOW.plusSeconds(1))).isTrue();
        outages.unprobed(STORE);
        assertThat(outages.mayAsk(STORE, NOW.plusSeconds(1))).isTrue();
    }

    @Test
    void threeJobsInARowWithModelErrorsAreAnOutageAndOneJobIsNot() {
        assertThat(outages.erred(id(1), NOW)).isFalse();
        assertThat(outages.erred(id(1), NOW)).isFalse();
        assertThat(outages.erred(id(2), NOW)).isFalse();
        assertThat(outages.present(TRITON)).isTrue();
        assertThat(outages.erred(id(3), NOW)).isTrue();
        assertThat(outages.erring()).isTrue();
        assertThat(outages.mayAsk(TRITON, NOW)).isFalse();
        outages.answered();
        assertThat(outages.present(TRITON))
                .as("an encoded prompt proves nothing")
                .isFalse();
        outages.worked(TRITON);
        assertThat(outages.present(TRITON)).isTrue();
    }

    @Test
    void aStepThatWorksEndsTheRowAndAnEncodedPromptDoesNot() {
        outages.erred(id(1), NOW);
        outages.erred(id(2), NOW);
        outages.answered();
        assertThat(outages.erred(id(3), NOW)).isTrue();
        outages.worked(TRITON);
        outages.erred(id(1), NOW);
        outages.erred(id(2), NOW);
        outages.worked(TRITON);
        assertThat(outages.erred(id(3), NOW)).isFalse();
    }

    @Test
    void anErrorIsAnAnswerAndEndsAnOutageOfTheServer() {
        outages.failed(TRITON, NOW);
        assertThat(outages.erred(id(1), NOW)).isFalse();
        assertThat(outages.present(TRITON)).isTrue();
        outages.failed(TRITON, NOW);
        outages.answered();
        assertThat(outages.present(TRITON)).isTrue();
    }
}
