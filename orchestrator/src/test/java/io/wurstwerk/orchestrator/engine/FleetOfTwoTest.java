package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.PIPELINE;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static io.wurstwerk.orchestrator.engine.Samples.ordered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The engine with two lanes, a call at a time: which one draws, and what their ends count. */
class FleetOfTwoTest {
    private static final Refusal OUTAGE = new Refusal.Outage(Dependency.TRITON);
    private static final Refusal ERROR = new Refusal.ModelError("onnx runtime error 6");
    private static final Refusal CRASH = new Refusal.Crash();

    private final RecordedLog log = new RecordedLog();
    private final RecordedCalls calls = new RecordedCalls();
    private Instant now = NOW;
    private final Engine engine = engine();

    @Test
    void stepsGoToTheLaneWithTheMostRoomAndAGenerationMayChangeLanes() {
        begin(Map.of(), 1, 2);
        assertThat(calls.take()).containsExactly("begin 1 on a", "begin 2 on b");
        calls.work(1);
        calls.work(2);
        assertThat(calls.take()).containsExactly("step 1 on a", "step 2 on b");
        engine.handle(new Event.LaneAway("a"));
        calls.work(1);
        assertThat(calls.take()).containsExactly("step 1 on b");
        assertThat(engine.lanes())
                .extracting(LaneStatus::lane, LaneStatus::ready, LaneStatus::outstanding)
                .containsExactly(tuple("a", false, 0), tuple("b", true, 2));
    }

    @Test
    void anOutageMovesTheStepAtOnceAndOnlyWithoutAnyLaneTheJobWaits() {
        begin(Map.of(), 1);
        log.take();
        calls.refuse(1, OUTAGE);
        assertThat(calls.take()).containsExactly("begin 1 on a", "begin 1 on b");
        assertThat(log.take()).as("neither an attempt nor a wait").isEmpty();
        calls.refuse(1, OUTAGE);
        assertThat(calls.take()).isEmpty();
        assertThat(log.take()).containsExactly("commit 3/1 #3 [Waiting 1 Attempts[started=1, crashes=0, progress=0]]");
        now = NOW.plusSeconds(1);
        engine.handle(new Event.Tick());
        assertThat(calls.take()).containsExactly("begin 1 on a");
    }

    @Test
    void aModelErrorIsTriedOnceMoreOnTheOtherLane() {
        begin(Map.of(), 1);
        calls.refuse(1, ERROR);
        assertThat(calls.take()).containsExactly("begin 1 on a", "begin 1 on b");
        log.take();
        calls.refuse(1, ERROR);
        assertThat(calls.take()).isEmpty();
        assertThat(log.take()).containsExactly("commit 3/1 #3 [answer failed, closed failed, tombstone]");
    }

    @Test
    void whileNoLaneIsReadyNoJobIsStarted() {
        engine.handle(new Event.LaneAway("a"));
        engine.handle(new Event.LaneAway("b"));
        open(Map.of());
        engine.handle(new Event.Submitted(3, 1, 1, NOW, ordered(1)));
        assertThat(log.take()).containsExactly("commit 3/1 #1 [1]");
        engine.handle(new Event.LaneReady("b", PIPELINE, 4));
        assertThat(log.take()).containsExactly("load 1");
    }

    @Test
    void moreThanTheRoomOfTheLanesIsNotStarted() {
        engine.handle(new Event.LaneAway("a"));
        engine.handle(new Event.LaneReady("b", PIPELINE, 1));
        begin(Map.of(), 1, 2);
        assertThat(calls.take()).containsExactly("begin 1 on b");
        assertThat(log.take()).doesNotContain("load 2");
        engine.handle(new Event.LaneReady("a", PIPELINE, 1));
        assertThat(log.take()).contains("load 2");
    }

    @Test
    void oneEndOfALaneIsCountedOnceForEachJobOnItAndAnOutageForNone() {
        begin(Map.of(), 1, 2);
        log.take();
        calls.refuse(1, OUTAGE);
        calls.refuse(2, CRASH);
        log.commit(engine);
        assertThat(log.take())
                .as("1 has gone to the other lane, 2 waits")
                .containsExactly(
                        "commit 3/1 #3 [Running 2 Attempts[started=1, crashes=1, progress=0]]",
                        "commit 3/1 #4 [Waiting 2 Attempts[started=1, crashes=1, progress=0]]");
    }

    @Test
    void whoIsThereTwiceDrawsAloneUntilItGoesOnAndWhoNeverDoesIsGivenUp() {
        engine.handle(new Event.LaneAway("b"));
        begin(Map.of(), 1, 2, 3);
        assertThat(calls.take()).containsExactly("begin 1 on a", "begin 2 on a", "begin 3 on a");
        calls.work(3);
        calls.refuse(1, CRASH);
        calls.refuse(2, CRASH);
        calls.refuse(3, CRASH);
        calls.take();
        later();
        assertThat(calls.take()).as("one finds out").containsExactly("begin 1 on a");
        calls.work(1);
        assertThat(calls.take()).contains("step 1 on a", "begin 2 on a", "step 3 on a");
        calls.work(3);
        calls.take();
        calls.refuse(2, CRASH);
        calls.refuse(1, CRASH);
        calls.refuse(3, CRASH);
        log.commit(engine);
        assertThat(log.take())
                .as("only 2 has not gone on")
                .anyMatch(line -> line.contains(" 1 Attempts[started=1, crashes=1, progress=0]"))
                .anyMatch(line -> line.contains(" 2 Attempts[started=1, crashes=2, progress=0]"))
                .noneMatch(line -> line.contains(" 3 Attempts[started=1, crashes=2, progress=0]"));
        later();
        assertThat(calls.take()).as("2 draws alone").containsExactly("begin 2 on a");
        engine.handle(new Event.Submitted(3, 1, 4, NOW, ordered(4)));
        later();
        assertThat(calls.take()).isEmpty();
        calls.refuse(2, CRASH);
        engine.handle(new Event.Loaded(3, 1, id(2), ordered(2)));
        log.commit(engine);
        assertThat(log.take())
                .anyMatch(line -> line.contains("[answer failed, closed failed, tombstone, parked 2 crash_loop]"));
        later();
        assertThat(calls.take()).containsExactly("step 1 on a");
    }

    @Test
    void aJobThatGoesOnAloneIsNoLongerSuspicious() {
        engine.handle(new Event.LaneAway("b"));
        begin(Map.of(), 1, 2);
        calls.refuse(1, CRASH);
        calls.refuse(2, CRASH);
        later();
        calls.refuse(1, CRASH);
        later();
        calls.take();
        calls.work(1);
        log.commit(engine);
        assertThat(log.take()).anyMatch(line -> line.contains(" 1 Attempts[started=1, crashes=0, progress=0]"));
        assertThat(calls.take()).containsExactly("step 1 on a", "begin 2 on a");
    }

    private void later() {
        log.commit(engine);
        now = now.plusSeconds(20);
        engine.handle(new Event.Tick());
    }

    private void open(Map<JobId, JournalEntry> journal) {
        engine.handle(new Event.Assigned(3));
        engine.handle(new Event.Opened(3, 1, Samples.journal(journal), List.of()));
        log.take();
    }

    private void begin(Map<JobId, JournalEntry> journal, int... numbers) {
        open(journal);
        for (int number : numbers) {
            engine.handle(new Event.Submitted(3, 1, number, NOW, ordered(number)));
            engine.handle(new Event.Loaded(3, 1, id(number), ordered(number)));
        }
        log.commit(engine);
    }

    private Engine engine() {
        var settings = new EngineSettings(
                8,
                100,
                5,
                Duration.ofMinutes(5),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofDays(14),
                1_000,
                10);
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        Engine made = new Engine(calls.with(log), settings, clock, new SplittableRandom(1), _ -> 1, new Nobody());
        calls.answer(made);
        made.handle(new Event.LaneReady("a", PIPELINE, 4));
        made.handle(new Event.LaneReady("b", PIPELINE, 4));
        return made;
    }
}
