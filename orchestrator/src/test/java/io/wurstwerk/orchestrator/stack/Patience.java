package io.wurstwerk.orchestrator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** How long a test waits for what the other side does in its own time. */
public final class Patience {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private Patience() {}

    /** Something that can be looked at again and again. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns as soon as the condition holds; fails when it does not within a minute. */
    public static void await(Condition condition) throws Exception {
        await(LIMIT, condition);
    }

    /** Returns as soon as the condition holds; fails when it does not within the limit. */
    public static void await(Duration limit, Condition condition) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime())
                    .as("waited for %d s", limit.toSeconds())
                    .isLessThan(end);
            Thread.sleep(BETWEEN_LOOKS);
        }
    }
}
