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
    private static final Submission.Ordered SUBMISSION = new Submission.Ordered(
            JobId.of(ORIGIN),
            ORIGIN,
            BodyHash.of(new byte[] {1}),
            NOW,
            new ImageOrder("p", null, 256, 256, "base", new Schedule.Standard(), 4, new Schedule.Linear(12), 0, 1, 1),
            NOW.plusSeconds(60));

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
        JobState.Running first = accepted().start();
        assertThat(first.await(Dependency.TRITON).resume()).isEqualTo(first);
    }

    @Test
    void aModelMayFailTwice() {
        JobState.Running first = accepted().start();
        assertThat(first.mayRetry()).isTrue();
        JobState.Running second = first.retry();
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.mayRetry()).isFalse();
        assertThatThrownBy(second::retry).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noJobExpiresBeforeItsDeadline() {
        assertThatThrownBy(() -> accepted().expire(NOW.plusSeconds(59))).isInstanceOf(IllegalStateException.class);
        assertThat(accepted().expire(NOW.plusSeconds(60)).deadline()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void aConflictLeavesTheFirstJobItsName() {
        JobState.Rejected conflict = new JobState.Submitted(SUBMISSION).conflict();
        assertThat(conflict.job()).isNotEqualTo(SUBMISSION.job());
        assertThat(conflict.rejection().code()).isEqualTo(Rejection.Code.CONFLICT);
    }

    @Test
    void namesAreThoseOfTheEvents() {
        JobState.Running running = accepted().start();
        assertThat(List.of(
                        running.fail(new Failure(Failure.Code.NON_FINITE, "")).name(),
                        running.expire(NOW.plusSeconds(60)).name(),
                        new JobState.Submitted(SUBMISSION)
                                .reject(Rejection.unreadable(""))
                                .name()))
                .containsExactly("failed", "expired", "rejected");
    }

    @Test
    void anOrderDoesNotTellItsPromptByAccident() {
        assertThat(SUBMISSION.order().toString()).isEqualTo("ImageOrder[1 of 256x256 by base]");
    }

    private static JobState.Accepted accepted() {
        return new JobState.Submitted(SUBMISSION).accept(SUBMISSION);
    }
}
