package io.wurstwerk.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void pausesDoubleUpToTheLongestAndAreAtLeastHalfOfIt() {
        long seed = 7;
        System.out.println("seed " + seed);
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new SplittableRandom(seed));
        long[] ceilings = {100, 200, 400, 800, 1000, 1000};
        for (int failures = 1; failures <= ceilings.length; failures++) {
            for (int i = 0; i < 100; i++) {
                assertThat(backoff.afterFailures(failures))
                        .isBetween(
                                Duration.ofMillis(ceilings[failures - 1] / 2),
                                Duration.ofMillis(ceilings[failures - 1]));
            }
        }
    }

    @Test
    void theMillionthFailureDoesNotOverflow() {
        var backoff = new Backoff(Duration.ofMillis(1), Duration.ofSeconds(10), new SplittableRandom(1));
        assertThat(backoff.afterFailures(1_000_000)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    @Test
    void aPauseOfNothingIsRefused() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1), new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
