package io.wurstwerk.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobStateTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Origin ORIGIN = new Origin("default", "urn:test", "1");
    private static final JobEntry JOB = new JobEntry(
            JobId.of(ORIGIN),
            BodyHash.of(new byte[] {1}),
            "default",
            Priority.NORMAL,
            1,
            1.0,
            NOW,
            NOW.plusSeconds(60),
            7);
    private static final JobState.Accepted ACCEPTED = new JobState.Accepted(JOB, Attempts.NONE);

    @Test
    void terminalStatesOfferNoTransition() {
        for (Class<?> terminal : JobState.Terminal.class.getPermittedSubclasses()) {
            assertThat(Arrays.stream(terminal.getDeclaredMethods())
                            .filter(method -> !Modifier.isStatic(method.getModifiers()))
                            .map(Method::getReturnType)
                            .filter(JobState.class::isAssignableFrom))
                    .as(terminal.getSimpleName())
                    .isEmpty();
        }
    }

    @Test
    void anOutageDoesNotCountAsAnAttempt() {
        JobState.Running first = ACCEPTED.start();
        assertThat(first.attempts()).isEqualTo(new Attempts(1, 0, 0));
        assertThat(first.await(Dependency.TRITON).resume()).isEqualTo(first);
        assertThat(first.await(Dependency.STORE).orphaned(0)).isEqualTo(first.pause());
    }

    @Test
    void onlyARunningJobCountsTheEndOfItsOwnerAsACrash() {
        assertThat(ACCEPTED.orphaned(0)).isEqualTo(ACCEPTED);
        assertThat(ACCEPTED.start().pause().orphaned(0).attempts()).isEqualTo(new Attempts(1, 0, 0));
        assertThat(ACCEPTED.start().orphaned(0)).isEqualTo(new JobState.Accepted(JOB, new Attempts(1, 1, 0)));
    }

    @Test
    void theThirdCrashWithoutACheckpointBetweenEndsAJobAndTheSecondIsolatesIt() {
        Attempts one = Attempts.NONE.start().crash(0);
        Attempts two = one.start().crash(0);
        Attempts three = two.start().crash(0);
        assertThat(List.of(one.suspicious(), two.suspicious(), three.suspicious()))
                .containsExactly(false, true, true);
        assertThat(List.of(one.exhausted(), two.exhausted(), three.exhausted())).containsExactly(false, false, true);
        assertThat(three).isEqualTo(new Attempts(3, 3, 0));
    }

    @Test
    void aCheckpointBetweenTwoCrashesClearsTheSuspicion() {
        Attempts two = Attempts.NONE.start().crash(0).start().crash(0);
        assertThat(two.start().crash(5)).isEqualTo(new Attempts(3, 1, 5));
        assertThat(two.start().crash(5).start().crash(5)).isEqualTo(new Attempts(4, 2, 5));
    }

    @Test
    void theEndOfALaneCountsLikeTheEndOfAProcessButForWhatTheStepsDisprove() {
        Attempts first = Attempts.NONE.start().laneCrash(0, 0);
        assertThat(first).isEqualTo(new Attempts(1, 1, 0));
        assertThat(first.laneCrash(0, 0).suspicious()).isTrue();
        assertThat(first.laneCrash(0, 0).laneCrash(0, 0).exhausted()).isTrue();
        assertThat(first.laneCrash(1, 5)).isEqualTo(new Attempts(1, 1, 5));
        assertThat(first.laneCrash(0, 5).acquit(2)).isEqualTo(new Attempts(1, 0, 5));
        assertThat(new Attempts(3, 2, 9).laneCrash(0, 5)).isEqualTo(new Attempts(3, 3, 9));
        assertThat(new Attempts(1, 1, 0).acquit(2)).as("never below none").isEqualTo(new Attempts(1, 0, 0));
        assertThat(ACCEPTED.start().with(first)).isEqualTo(new JobState.Running(JOB, first));
    }

    @Test
    void aJobIsGivenUpOnlyOnceItIsExhausted() {
        assertThatThrownBy(() -> new JobState.Accepted(JOB, new Attempts(2, 2, 0)).giveUp(ORIGIN))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has crashed 2 times only");
        assertThat(new JobState.Accepted(JOB, new Attempts(3, 3, 0)).giveUp(ORIGIN))
                .isEqualTo(new JobState.Terminal.Failed(
                        JOB.id(),
                        ORIGIN,
                        new Failure(Failure.Code.CRASH_LOOP, "work on the job ended with a crash 3 times in a row")));
    }

    @Test
    void noJobExpiresBeforeItsDeadline() {
        assertThatThrownBy(() -> ACCEPTED.expire(ORIGIN, NOW.plusSeconds(59)))
                .isInstanceOf(IllegalStateException.class);
        for (JobState.Open open :
                List.of(ACCEPTED, ACCEPTED.start(), ACCEPTED.start().await(Dependency.STORE))) {
            assertThat(open.expire(ORIGIN, NOW.plusSeconds(60)))
                    .isEqualTo(new JobState.Terminal.Expired(JOB.id(), ORIGIN, NOW.plusSeconds(60)));
        }
    }

    @Test
    void aConflictLeavesTheFirstJobItsName() {
        JobId conflict = JOB.id().conflictWith(BodyHash.of(new byte[] {2}));
        assertThat(conflict.value()).hasSize(69).startsWith(JOB.id() + "-");
    }

    @Test
    void namesAreThoseOfTheEvents() {
        JobState.Running running = ACCEPTED.start();
        assertThat(List.of(
                        running.fail(ORIGIN, new Failure(Failure.Code.NON_FINITE, ""))
                                .name(),
                        running.expire(ORIGIN, NOW.plusSeconds(60)).name(),
                        running.cancel(ORIGIN).name(),
                        new JobState.Terminal.Rejected(JOB.id(), ORIGIN, Rejection.unreadable("")).name()))
                .containsExactly("failed", "expired", "cancelled", "rejected");
    }

    @Test
    void anOrderDoesNotTellItsPromptByAccident() {
        var order = new ImageOrder(
                "p", null, 256, 256, "base", new Schedule.Standard(), 4, new Schedule.Linear(12), 0, 1, 1);
        assertThat(order.toString()).isEqualTo("ImageOrder[1 of 256x256 by base]");
    }
}
