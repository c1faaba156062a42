package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.PARTITIONS;
import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that come, go and die over one broker. */
class TakeoverTest {
    private static final String STAGE_C = "stage_c_base";
    private static final String STAGE_B = "stage_b";

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
        Member.POISON.clear();
        works.leave();
    }

    @Test
    void whatAStoppedEngineHadNotFinishedIsDrawnByTheNextFromWhereItStood() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.holdAfter(3);
        Member first = works.join(1, 100);
        JobId job = works.submit(ordered("stopped", 0, 12, Instant.now().plus(Duration.ofHours(1))), 0);
        await(() -> works.triton.calls(STAGE_C) == asked + 4);
        first.close();
        assertThat(works.answers.all()).extracting(Answer::key).doesNotContain(job.value());
        works.triton.release();
        Member second = works.join(1, 100);
        works.assertAnsweredOnce(List.of(job), "completed");
        assertThat(second.count("wurstwerk.images.resumed")).isEqualTo(1);
        // Step 4 was under way when the engine stopped; nothing else is repeated.
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(13);
    }

    @Test
    void aKilledEnginesImageIsTheSameAsAnUnbrokenOneAndRepeatsAtMostTheStepsSinceTheCheckpoint() throws Exception {
        Member first = works.join(1, 100);
        Instant deadline = Instant.now().plus(Duration.ofHours(1));
        String unbroken = works.sha256(works.submit(ordered("unbroken", 5, 12, deadline), 0));
        int asked = works.triton.calls(STAGE_C);
        works.triton.holdAfter(7);
        JobId job = works.submit(ordered("broken", 5, 12, deadline), 0);
        await(() -> works.triton.calls(STAGE_C) == asked + 8);
        first.kill();
        works.triton.release();
        Member second = works.join(1, 100);
        assertThat(works.sha256(job)).isEqualTo(unbroken);
        assertThat(second.count("wurstwerk.images.resumed")).isEqualTo(1);
        await(() -> second.count("wurstwerk.steps.delivered") == 15);
        // The beginning and the step after the checkpoint were done twice; the torn one was never done.
        assertThat(first.count("wurstwerk.steps")
                        + second.count("wurstwerk.steps")
                        - first.count("wurstwerk.steps.delivered")
                        - second.count("wurstwerk.steps.delivered"))
                .isEqualTo(2);
        assertThat(second.metrics.get("wurstwerk.takeover").timer().count()).isEqualTo(PARTITIONS);
        assertThat(second.metrics.get("wurstwerk.finish").timer().count()).isEqualTo(1);
        assertThat(second.metrics
                        .get("wurstwerk.cost.prediction.ratio")
                        .summary()
                        .count())
                .isEqualTo(1);
        // Seven steps and a torn eighth; the checkpoint of step 6 is two of them behind.
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(8 + 6);
    }

    @Test
    void anEngineThatIsKilledInADecodeLeavesNothingOfStageCToBeDrawnAgain() throws Exception {
        Member first = works.join(1, 100);
        Answer unbroken = works.completed(works.submit(pair("decoded"), 0));
        int asked = works.triton.calls(STAGE_C);
        int decoded = works.triton.calls(STAGE_B);
        // The first picture is done, and the second one is in its second step of Stage B.
        works.triton.holdAfter(STAGE_B, 3);
        JobId job = works.submit(pair("undecoded"), 0);
        await(() -> works.triton.calls(STAGE_B) == decoded + 4);
        first.kill();
        works.triton.release();
        Member second = works.join(1, 100);
        Answer answer = works.completed(job);
        assertThat(answer.data().path("images").findValuesAsText("sha256"))
                .hasSize(2)
                .isEqualTo(unbroken.data().path("images").findValuesAsText("sha256"));
        assertThat(works.triton.calls(STAGE_C) - asked).isEqualTo(2 * 11);
        assertThat(works.triton.calls(STAGE_B) - decoded).isEqualTo(2 + 2 + 2);
        assertThat(answer.data().at("/cost/resumed_steps").intValue()).isEqualTo(11);
        assertThat(second.count("wurstwerk.images.resumed")).isEqualTo(1);
        assertThat(second.count("wurstwerk.steps.resumed")).isEqualTo(11);
        await(() -> second.count("wurstwerk.steps.delivered") == 2 * (1 + 11 + 2));
        // The beginning and the first step of the decode were done twice; the torn one was never done.
        assertThat(first.count("wurstwerk.steps")
                        + second.count("wurstwerk.steps")
                        - first.count("wurstwerk.steps.delivered")
                        - second.count("wurstwerk.steps.delivered"))
                .isEqualTo(2);
    }

    /** Two pictures whose Stage C ends between two checkpoints. */
    private static Submission.Ordered pair(String source) {
        Submission.Ordered one = ordered(source, 5);
        var order = new ImageOrder(
                "p", null, 128, 128, "base", new Schedule.Linear(11), 4, new Schedule.Linear(2), 0, 5, 2);
        return new Submission.Ordered(
                one.job(), one.origin(), one.body(), one.submittedAt(), order, one.priority(), one.deadline());
    }

    @Test
    void aSecondEngineTakesPartitionsWithTheirJobsAndNoneIsAnsweredTwice() throws Exception {
        int asked = works.triton.calls(STAGE_C);
        works.triton.hold();
        Member first = works.join(2, 100);
        List<JobId> jobs = works.submit("shared", 12);
        await(() -> works.triton.calls(STAGE_C) > asked);
        Member second = works.join(2, 100);
        await(() -> second.gauge("wurstwerk.jobs.open") > 0);
        await(() -> first.gauge("wurstwerk.jobs.open") > 0);
        works.triton.release();
        works.assertAnsweredOnce(jobs, "completed");
        await(() -> first.count("wurstwerk.jobs.finished") + second.count("wurstwerk.jobs.finished") == 12);
        assertThat(first.count("wurstwerk.jobs.accepted") + second.count("wurstwerk.jobs.accepted"))
                .isEqualTo(12);
        await(() -> first.gauge("wurstwerk.jobs.open") + second.gauge("wurstwerk.jobs.open") == 0);
        assertThat(first.gauge("wurstwerk.jobs.unaccounted")).isZero();
        assertThat(second.gauge("wurstwerk.jobs.unaccounted")).isZero();
        await(() -> first.gauge("wurstwerk.answers.remembered") + second.gauge("wurstwerk.answers.remembered") >= 12);
    }

    @Test
    void anEngineWithRoomForOneJobDrawsThemAll() throws Exception {
        works.join(1, 1);
        works.assertAnsweredOnce(works.submit("narrow", 6), "completed");
    }

    @Test
    void whatIsNoSubmissionIsSkipped() throws Exception {
        works.write("submissions", 0, "x", new byte[] {1, 2, 3});
        works.write("submissions", 0, "x", null);
        List<JobId> jobs = works.submit("after-rubbish", 3);
        Member member = works.join(2, 100);
        works.assertAnsweredOnce(jobs, "completed");
        assertThat(member.count("wurstwerk.submissions.unreadable")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aDuplicateIsNoSecondJobAndAConflictHasOneAnswerAlsoAfterARestart() throws Exception {
        Submission.Ordered original = ordered("twice", 0);
        Submission.Ordered other = new Submission.Ordered(
                original.job(),
                original.origin(),
                BodyHash.of(new byte[] {2}),
                original.submittedAt(),
                original.order(),
                original.priority(),
                original.deadline());
        JobId conflict = original.job().conflictWith(other.body());
        for (int life = 0; life < 2; life++) {
            Member member = works.join(2, 100);
            works.submit(original, 1);
            works.submit(original, 1);
            works.submit(other, 1);
            works.submit(other, 1);
            works.assertAnsweredOnce(List.of(original.job()), "completed");
            works.assertAnsweredOnce(List.of(conflict), "rejected");
            int expected = life == 0 ? 2 : 4;
            await(() -> member.count("wurstwerk.submissions.duplicate") >= expected);
            member.close();
        }
    }

    @Test
    void aJobThatKillsThreeProcessesIsGivenUpWithACopyAndItsNeighboursComplete() throws Exception {
        Submission.Ordered deadly = ordered("deadly", 0);
        Member.POISON.add(deadly.job());
        List<JobId> good = new ArrayList<>();
        works.submit(deadly, 2);
        for (int i = 1; i <= 3; i++) {
            good.add(works.submit(ordered("deadly", i), 2));
        }
        for (int death = 0; death < 3; death++) {
            Member member = works.join(2, 100);
            assertThat(member.died.await(60, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
            member.close();
        }
        Member last = works.join(2, 100);
        works.assertAnsweredOnce(good, "completed");
        works.assertAnsweredOnce(List.of(deadly.job()), "failed");
        assertThat(works.answers
                        .await(answer -> answer.key().equals(deadly.job().value()))
                        .data()
                        .at("/error/code")
                        .textValue())
                .isEqualTo("crash_loop");
        try (var parked = new Answers(works.kafka.bootstrapServers(), "wurstwerk.parked", PARTITIONS)) {
            Answer copy =
                    parked.await(answer -> answer.key().equals(deadly.job().value()));
            assertThat(copy.headers()).containsEntry("parked-reason", "crash_loop");
            assertThat(copy.data().path("id").textValue()).isEqualTo("0");
            assertThat(parked.all()).hasSize(1);
        }
        assertThat(last.died.getCount()).isEqualTo(1);
    }
}
