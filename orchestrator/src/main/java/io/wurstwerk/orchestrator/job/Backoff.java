package io.wurstwerk.orchestrator.job;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: doubling from {@code first} to {@code longest}, each time a random share
 * between half and all of it, so that many waiters do not come back at once.
 */
public record Backoff(Duration first, Duration longest, RandomGenerator random) {

    public Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("backoff must satisfy 0 < first <= longest: " + first + ", " + longest);
        }
    }

    /** The pause before the retry that follows the given number of failed tries in a row, counted from 1. */
    public Duration afterFailures(int failures) {
        int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(first.toNanos()) - 1);
        long ceiling = Math.min(longest.toNanos(), first.toNanos() << doublings);
        return Duration.ofNanos(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }
}
