package io.wurstwerk.orchestrator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.engine.Lanes.Berth;
import org.junit.jupiter.api.Test;

class SuspicionTest {
    private static final boolean[] BOTH = {true, true};
    private static final boolean[] FIRST = {true, false};

    private final Suspicion suspicion = new Suspicion(2);

    @Test
    void anEndIsSeenOnceHoweverManyCallsItHits() {
        assertThat(suspicion.firstOf(new Berth("a", 0, false))).isTrue();
        assertThat(suspicion.firstOf(new Berth("a", 0, true))).isFalse();
        assertThat(suspicion.firstOf(new Berth("b", 0, false))).isTrue();
        assertThat(suspicion.firstOf(new Berth("a", 1, false))).isTrue();
        assertThat(suspicion.firstOf(new Berth("a", 0, false)))
                .as("word of an earlier end comes late")
                .isFalse();
        assertThat(suspicion.firstOf(new Berth("a", 1, false))).isFalse();
    }

    @Test
    void whoHasGoneOnSinceAnEndWasNotItsReason() {
        assertThat(suspicion.crashed(BOTH, new int[] {3, 7})).isZero();
        assertThat(suspicion.crashed(BOTH, new int[] {4, 8})).isEqualTo(1);
        assertThat(suspicion.crashed(BOTH, new int[] {5, 9})).isEqualTo(1);
    }

    @Test
    void anImageThatIsStillThereIsNotCoveredByOneThatHasGoneOn() {
        assertThat(suspicion.crashed(BOTH, new int[] {3, 7})).isZero();
        assertThat(suspicion.crashed(BOTH, new int[] {3, 8})).isZero();
        assertThat(suspicion.crashed(FIRST, new int[] {3, 20})).isZero();
        assertThat(suspicion.acquitted(new int[] {3, 30})).isZero();
        assertThat(suspicion.acquitted(new int[] {4, 30})).isEqualTo(3);
    }

    @Test
    void whatIsAcquittedCountsNoMore() {
        suspicion.crashed(BOTH, new int[] {0, 0});
        suspicion.crashed(BOTH, new int[] {0, 0});
        assertThat(suspicion.none()).isFalse();
        assertThat(suspicion.acquitted(new int[] {1, 1})).isEqualTo(2);
        assertThat(suspicion.none()).isTrue();
        assertThat(suspicion.acquitted(new int[] {2, 2})).isZero();
        assertThat(suspicion.crashed(BOTH, new int[] {2, 2})).isZero();
    }
}
