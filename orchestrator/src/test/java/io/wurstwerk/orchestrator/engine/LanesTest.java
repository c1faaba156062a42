package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.engine.Lanes.Berth;
import io.wurstwerk.orchestrator.job.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LanesTest {
    private static final Instant LATER = NOW.plusSeconds(60);
    private final Lanes lanes = new Lanes(
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), new SplittableRandom(1)), Duration.ofSeconds(5));

    // ---- which lane

    @Test
    void theLaneWithTheMostRoomIsTakenAndNoneWhenAllAreFull() {
        lanes.ready("a", "p", 1);
        lanes.ready("b", "p", 3);
        lanes.drawWith("p");
        assertThat(lanes.room()).isEqualTo(4);
        assertThat(take()).isEqualTo("b");
        assertThat(take()).isEqualTo("b");
        Berth first = lanes.board(null, NOW).orElseThrow();
        assertThat(first.lane()).isEqualTo("a");
        assertThat(take()).isEqualTo("b");
        assertThat(lanes.board(null, NOW)).isEmpty();
        assertThat(lanes.room()).isZero();
        lanes.left(first);
        assertThat(take()).isEqualTo("a");
    }

    @Test
    void aLaneThatIsAwayOrFailedIsNotTakenAndTheOtherIs() {
        lanes.ready("a", "p", 9);
        lanes.ready("b", "p", 2);
        lanes.drawWith("p");
        Berth berth = lanes.board(null, NOW).orElseThrow();
        assertThat(berth.lane()).isEqualTo("a");
        lanes.left(berth);
        lanes.failed(berth, NOW);
        assertThat(take()).isEqualTo("b");
        lanes.away("b");
        assertThat(lanes.board(null, NOW)).isEmpty();
        assertThat(lanes.present()).isFalse();
        assertThat(lanes.reachable())
                .as("a is ready, though its circuit is open")
                .isTrue();
        lanes.away("a");
        assertThat(lanes.reachable()).isFalse();
    }

    @Test
    void aLaneToAvoidIsTakenOnlyIfThereIsNoOther() {
        lanes.ready("a", "p", 9);
        lanes.ready("b", "p", 1);
        lanes.drawWith("p");
        assertThat(lanes.board("a", NOW).orElseThrow().lane()).isEqualTo("b");
        assertThat(lanes.board("a", NOW).orElseThrow().lane()).isEqualTo("a");
    }

    @Test
    void anOpenLaneGetsOneProbeThoughAnotherLaneHasRoom() {
        lanes.ready("a", "p", 9);
        lanes.ready("b", "p", 9);
        lanes.drawWith("p");
        Berth failing = lanes.board("b", NOW).orElseThrow();
        lanes.left(failing);
        lanes.failed(failing, NOW);
        assertThat(take()).isEqualTo("b");
        Berth probe = lanes.board(null, LATER).orElseThrow();
        assertThat(probe).isEqualTo(new Berth("a", 1, true));
        assertThat(lanes.status(LATER).getFirst().circuit()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(lanes.board(null, LATER).orElseThrow().lane()).isEqualTo("b");
        lanes.abandoned(probe);
        assertThat(lanes.board(null, LATER).orElseThrow())
                .as("a probe without an answer makes room for the next")
                .isEqualTo(probe);
        lanes.left(probe);
        lanes.worked(probe);
        assertThat(lanes.board("b", LATER).orElseThrow()).isEqualTo(new Berth("a", 1, false));
    }

    @Test
    void aCallOfBeforeTheOutageThatFailsInItIsNotTheProbesFailure() {
        lanes.ready("a", "p", 9);
        lanes.drawWith("p");
        Berth first = lanes.board(null, NOW).orElseThrow();
        Berth second = lanes.board(null, NOW).orElseThrow();
        lanes.failed(first, NOW);
        Berth probe = lanes.board(null, LATER).orElseThrow();
        lanes.failed(second, LATER);
        assertThat(lanes.board(null, LATER.plusSeconds(60)))
                .as("the probe is still under way")
                .isEmpty();
        lanes.worked(probe);
        assertThat(lanes.present()).isTrue();
    }

    @Test
    void threeErringJobsOpenTheirLaneAndNotTheOther() {
        lanes.ready("a", "p", 9);
        lanes.ready("b", "p", 9);
        lanes.drawWith("p");
        Berth a = new Berth("a", 0, false);
        assertThat(lanes.erred(a, id(1), NOW)).isFalse();
        assertThat(lanes.erred(new Berth("b", 0, false), id(2), NOW)).isFalse();
        assertThat(lanes.erred(a, id(2), NOW)).isFalse();
        assertThat(lanes.erred(a, id(3), NOW)).isTrue();
        assertThat(lanes.present()).isTrue();
        assertThat(lanes.erring()).isFalse();
        lanes.away("b");
        assertThat(lanes.erring()).isTrue();
    }

    @Test
    void theEndsOfALaneAreCountedOnceForAllWhoWereOnIt() {
        lanes.ready("a", "p", 9);
        lanes.drawWith("p");
        Berth one = lanes.board(null, NOW).orElseThrow();
        Berth other = lanes.board(null, NOW).orElseThrow();
        assertThat(one.life()).isEqualTo(other.life());
        lanes.failed(one, NOW);
        lanes.failed(other, NOW);
        assertThat(lanes.board(null, LATER).orElseThrow().life()).isEqualTo(one.life() + 1);
    }

    // ---- lanes that come and go

    @Test
    void aLaneThatIsGoneTakesNoCallAndIsForgottenWhenItsLastCallIsOver() {
        lanes.ready("a", "p", 9);
        lanes.ready("b", "p", 1);
        lanes.drawWith("p");
        Berth berth = lanes.board(null, NOW).orElseThrow();
        assertThat(berth.lane()).isEqualTo("a");
        lanes.gone("a");
        assertThat(take()).isEqualTo("b");
        assertThat(lanes.board(null, NOW)).isEmpty();
        lanes.forgetGone();
        assertThat(names()).containsExactly("a", "b");
        lanes.left(berth);
        lanes.worked(berth);
        lanes.forgetGone();
        assertThat(names()).containsExactly("b");
    }

    @Test
    void aLaneThatComesBackIsWelcomeAndItsOldEndsAreNotItsNewOnes() {
        lanes.ready("a", "p", 1);
        lanes.drawWith("p");
        Berth before = lanes.board(null, NOW).orElseThrow();
        lanes.left(before);
        lanes.failed(before, NOW);
        lanes.gone("a");
        lanes.forgetGone();
        assertThat(names()).isEmpty();
        lanes.ready("a", "p", 1);
        lanes.forgetGone();
        Berth after = lanes.board(null, NOW).orElseThrow();
        assertThat(after.probe()).as("what it was says nothing of it").isFalse();
        assertThat(after.life()).isGreaterThan(before.life());
    }

    @Test
    void lanesThatAreGoneDoNotCountForTheirPipeline() {
        lanes.ready("a", "old", 1);
        lanes.ready("b", "old", 1);
        lanes.drawWith("old");
        lanes.ready("c", "new", 1);
        lanes.gone("a");
        assertThat(lanes.choice(NOW)).contains("old");
        lanes.gone("b");
        assertThat(lanes.choice(NOW)).contains("new");
    }

    private List<String> names() {
        return lanes.status(NOW).stream().map(LaneStatus::lane).toList();
    }

    // ---- which pipeline

    @Test
    void theFirstReadyPipelineDrawsAndStaysWhileAsManyServeIt() {
        assertThat(lanes.choice(NOW)).isEmpty();
        lanes.ready("a", "old", 1);
        assertThat(lanes.choice(NOW)).contains("old");
        lanes.drawWith("old");
        lanes.ready("b", "new", 1);
        assertThat(lanes.choice(LATER)).contains("old");
        assertThat(lanes.newlyAside()).isEqualTo(Map.of("b", "new"));
        assertThat(lanes.newlyAside()).as("told once").isEmpty();
        assertThat(take()).isEqualTo("a");
        assertThat(lanes.board(null, NOW)).as("b is not mixed in").isEmpty();
        lanes.ready("c", "new", 1);
        assertThat(lanes.choice(LATER)).contains("new");
        lanes.drawWith("new");
        assertThat(lanes.newlyAside()).isEqualTo(Map.of("a", "old"));
    }

    @Test
    void aPipelineWithoutAReadyLaneGivesWayToAnotherAfterAWhileAndNotAtOnce() {
        lanes.ready("a", "old", 1);
        lanes.drawWith("old");
        lanes.ready("b", "new", 1);
        lanes.away("a");
        assertThat(lanes.choice(NOW)).contains("old");
        assertThat(lanes.choice(NOW.plusMillis(4_999))).contains("old");
        lanes.ready("a", "old", 1);
        assertThat(lanes.choice(NOW.plusSeconds(5))).contains("old");
        lanes.away("a");
        assertThat(lanes.choice(NOW.plusSeconds(6))).contains("old");
        assertThat(lanes.choice(NOW.plusSeconds(11))).contains("new");
    }

    @Test
    void theOnlyLaneIsFollowedAtOnceWhateverItServes() {
        lanes.ready("a", "old", 1);
        lanes.drawWith("old");
        lanes.away("a");
        assertThat(lanes.choice(LATER)).contains("old");
        lanes.ready("a", "new", 1);
        assertThat(lanes.choice(LATER)).contains("new");
    }

    private String take() {
        return lanes.board(null, NOW).orElseThrow().lane();
    }
}
