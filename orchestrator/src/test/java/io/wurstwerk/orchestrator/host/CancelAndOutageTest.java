package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends or holds up a job from outside. */
class CancelAndOutageTest {
    private static final String STAGE_C = "stage_c_base";

    @TempDir
    static Path folder;

    private static Works works;

    @BeforeAll
    static void start() throws Exception {
        works = new Works(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        works.close();
    }

    @AfterEach
    void leave() throws Exception {
        works.triton.mood = Mood.FINE;
        works.leave();
    }

    @Test
    void aJobInLineIsCancelledWithoutAModelCall() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.hold();
        works.join(1, 100);
        JobId busy = works.submit(ordered("line", 0), 0);
        await(() -> works.triton.calls(STAGE_C) > asked);
        JobId waiting = works.submit(ordered("line", 1), 0);
        works.cancel(waiting, 0);
        assertThat(works.state(waiting)).isEqualTo("cancelled");
        works.triton.release();
        works.assertAnsweredOnce(List.of(busy), "completed");
        works.assertAnsweredOnce(List.of(waiting), "cancelled");
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(3);
    }

    @Test
    void aJobBeingDrawnIsCancelledWithinItsStepAndItsPlaceIsFree() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.holdAfter(4);
        works.join(1, 100);
        JobId job = works.submit(ordered("mid", 0, 12, Instant.now().plus(Duration.ofHours(1))), 0);
        await(() -> works.triton.calls(STAGE_C) == asked + 5);
        works.cancel(job, 0);
        assertThat(works.state(job)).isEqualTo("cancelled");
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(5);
        works.triton.release();
        works.assertAnsweredOnce(List.of(works.submit(ordered("mid", 1), 0)), "completed");
        works.assertAnsweredOnce(List.of(job), "cancelled");
    }

    @Test
    void aCancelAfterTheAnswerOrOfRubbishDoesNothingAndOneBeforeTheJobIsKept() throws Exception {
        works.join(1, 100);
        JobId done = works.submit(ordered("late", 0), 0);
        assertThat(works.state(done)).isEqualTo("completed");
        Submission.Ordered unseen = ordered("late", 1);
        works.cancel(done, 0);
        works.write("commands", 0, "no job", "{\"command\":\"cancel\"}".getBytes(StandardCharsets.UTF_8));
        works.write("commands", 0, done.value(), null);
        works.write("commands", 0, done.value(), "{\"command\":".getBytes(StandardCharsets.UTF_8));
        works.write("commands", 0, done.value(), "{\"command\":\"reprioritise\"}".getBytes(StandardCharsets.UTF_8));
        JobId marker = works.submit(ordered("late", 2), 0);
        works.cancel(unseen.job(), 0);
        await(() -> journalled(unseen.job()));
        works.leave();
        works.join(1, 100);
        works.submit(unseen, 0);
        works.assertAnsweredOnce(List.of(unseen.job()), "cancelled");
        works.assertAnsweredOnce(List.of(done, marker), "completed");
    }

    private static boolean journalled(JobId job) throws Exception {
        try (var journal = new io.wurstwerk.orchestrator.stack.Answers(
                works.kafka.bootstrapServers(), "wurstwerk.jobs", Works.PARTITIONS)) {
            return journal.all().stream().map(Answer::key).anyMatch(job.value()::equals);
        }
    }

    @Test
    void anOutageOfTheModelsHoldsJobsWithoutAnAttemptAndTheirDeadlinesStillHold() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.holdAfter(3);
        Member member = works.join(1, 100);
        JobId job = works.submit(ordered("outage", 0, 12, Instant.now().plus(Duration.ofHours(1))), 0);
        await(() -> works.triton.calls(STAGE_C) == asked + 4);
        works.triton.close();
        await(() -> member.count("wurstwerk.waits") >= 1);
        assertThat(member.gauge("wurstwerk.images.drawing")).isLessThanOrEqualTo(1);
        Instant soon = Instant.now().plus(Duration.ofSeconds(2));
        JobId short1 = works.submit(ordered("outage", 1, 3, soon), 0);
        JobId short2 = works.submit(ordered("outage", 2, 3, soon), 1);
        works.assertAnsweredOnce(List.of(short1, short2), "expired");
        works.startTriton();
        works.assertAnsweredOnce(List.of(job), "completed");
        assertThat(member.count("wurstwerk.lane.crashes"))
                .as("a server that stops in good order has not died of the job")
                .isZero();
        // The canvas was at hand: not one step that had worked was repeated.
        assertThat(works.triton.calls(STAGE_C)).isEqualTo(12 - 3);
    }

    @Test
    void anOutageOfTheStoreHoldsThePictureAndDrawsNothingTwice() throws Exception {
        Member member = works.join(1, 100);
        int asked = works.triton.calls(STAGE_C);
        works.store.close();
        JobId job = works.submit(ordered("storeless", 0), 0);
        await(() -> member.count("wurstwerk.waits") >= 1);
        JobId late = works.submit(ordered("storeless", 1, 3, Instant.now().plus(Duration.ofSeconds(2))), 1);
        assertThat(works.state(late)).isEqualTo("expired");
        works.startStore();
        works.assertAnsweredOnce(List.of(job), "completed");
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(3);
    }

    @Test
    void modelsThatErrOnThreeJobsInARowHoldTheOthersUntilTheyWorkAgain() throws Exception {
        works.triton.mood = Mood.INTERNAL_ERROR;
        Member member = works.join(1, 100);
        List<JobId> jobs = works.submit("erring", 6);
        await(() -> member.count("wurstwerk.waits") >= 3);
        works.triton.mood = Mood.FINE;
        assertThat(states(jobs)).filteredOn("failed"::equals).hasSize(2);
        assertThat(states(jobs)).filteredOn("completed"::equals).hasSize(4);
    }

    private static List<String> states(List<JobId> jobs) throws Exception {
        java.util.ArrayList<String> states = new java.util.ArrayList<>();
        for (JobId job : jobs) {
            states.add(works.state(job));
        }
        return states;
    }

    @Test
    void anOrderlyStopTakesAFewSecondsAndIsNoCrashHoweverOften() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.hold();
        JobId job = works.submit(ordered("orderly", 0), 0);
        for (int stop = 1; stop <= 4; stop++) {
            int before = works.triton.calls(STAGE_C);
            Member member = works.join(1, 100);
            await(() -> works.triton.calls(STAGE_C) > before);
            long begun = System.nanoTime();
            member.close();
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            System.out.println("stopped in the middle of a step in " + took.toMillis() + " ms");
            assertThat(took).isLessThan(Duration.ofSeconds(10));
        }
        works.triton.release();
        works.join(1, 100);
        works.assertAnsweredOnce(List.of(job), "completed");
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(4 + 3);
    }
}
