package io.wurstwerk.orchestrator.studio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Who watches, here and elsewhere. */
class WatchTest {
    private static final JobId JOB = job(1);
    private static final JobId OTHER = job(2);
    private static final Instant START = HandClock.START;

    private final List<ProducerRecord<String, byte[]>> sent = new ArrayList<>();
    private final WatchSignals signals = new WatchSignals(sent::add);
    private final HandClock clock = new HandClock();
    private final WatchedJobs watched = new WatchedJobs(clock);

    @Test
    void theOwnerIsToldAtOnceAndAgainUntilTheLastWatcherLeaves() {
        WatchSignals.Watch first = signals.watch(JOB);
        assertThat(told()).containsExactly(JOB.value());
        assertThat(sent.getFirst().topic()).isEqualTo("wurstwerk.commands");
        assertThat(new String(sent.getFirst().value(), UTF_8)).isEqualTo("{\"command\":\"watch\"}");
        WatchSignals.Watch second = signals.watch(JOB);
        WatchSignals.Watch other = signals.watch(OTHER);
        assertThat(told()).containsExactly(JOB.value(), OTHER.value());
        first.close();
        first.close();
        assertThat(signals.watching(JOB)).isTrue();
        signals.repeat();
        assertThat(told()).containsExactlyInAnyOrder(JOB.value(), OTHER.value(), JOB.value(), OTHER.value());
        second.close();
        assertThat(signals.watching(JOB)).isFalse();
        sent.clear();
        signals.repeat();
        assertThat(told()).containsExactly(OTHER.value());
        other.close();
        assertThat(signals.watching(OTHER)).isFalse();
    }

    @Test
    void tooManyWatchedJobsAreNotAnnounced() {
        List<WatchSignals.Watch> watches = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            watches.add(signals.watch(job(i)));
        }
        assertThat(sent).hasSize(10_000);
        assertThat(signals.watching(job(10_000))).isFalse();
        watches.forEach(WatchSignals.Watch::close);
        signals.watch(job(10_000));
        assertThat(signals.watching(job(10_000))).isTrue();
    }

    @Test
    void aCommandHoldsForFifteenSecondsAndANewOneLonger() {
        watched.heard(JOB, START);
        assertThat(watched.watching(JOB)).isTrue();
        assertThat(watched.watching(OTHER)).isFalse();
        clock.now = START.plusMillis(14_999);
        assertThat(watched.watching(JOB)).isTrue();
        watched.heard(JOB, START.plusSeconds(10));
        clock.now = START.plusSeconds(15);
        assertThat(watched.watching(JOB)).isTrue();
        clock.now = START.plusSeconds(25);
        assertThat(watched.watching(JOB)).isFalse();
    }

    @Test
    void anOldCommandThatIsReadAgainAfterATakeoverMeansNothing() {
        watched.heard(JOB, START.minusSeconds(15));
        assertThat(watched.watching(JOB)).isFalse();
        watched.heard(JOB, START);
        watched.heard(JOB, START.minusSeconds(10));
        clock.now = START.plusSeconds(14);
        assertThat(watched.watching(JOB)).isTrue();
    }

    @Test
    void aClockThatIsAheadDoesNotMakeACommandHoldLonger() {
        watched.heard(JOB, START.plusSeconds(3600));
        clock.now = START.plusSeconds(15);
        assertThat(watched.watching(JOB)).isFalse();
    }

    @Test
    void tenThousandWatchedJobsAreRememberedAndPassedOnesGiveWay() {
        for (int i = 0; i < 10_001; i++) {
            watched.heard(job(i), clock.now);
        }
        assertThat(watched.watching(job(9_999))).isTrue();
        assertThat(watched.watching(job(10_000))).isFalse();
        clock.now = START.plusSeconds(15);
        watched.heard(job(10_000), clock.now);
        assertThat(watched.watching(job(10_000))).isTrue();
    }

    private List<String> told() {
        return sent.stream().map(ProducerRecord::key).toList();
    }

    private static JobId job(int number) {
        return JobId.of(new Origin("acme", "urn:test", String.valueOf(number)));
    }
}
