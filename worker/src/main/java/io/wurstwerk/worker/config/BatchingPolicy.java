package io.wurstwerk.worker.config;

import java.util.Set;
import java.util.TreeSet;

/**
 * How queued requests become executions.
 *
 * @param dynamic whether requests are merged at all; without, each runs alone
 * @param maxItems most items of one execution
 * @param preferredItems batch sizes that are sent without waiting for more
 * @param maxDelayNanos how long the oldest request may wait for a preferred size
 * @param maxQueued most requests that may wait; 0 where the config sets no limit
 * @param ordered whether answers must leave in the order of arrival
 */
public record BatchingPolicy(
        boolean dynamic,
        int maxItems,
        Set<Integer> preferredItems,
        long maxDelayNanos,
        int maxQueued,
        boolean ordered) {
    public BatchingPolicy {
        preferredItems = Set.copyOf(preferredItems);
    }

    /** One request per execution. */
    public static BatchingPolicy single(int maxItems) {
        return new BatchingPolicy(false, maxItems, Set.of(), 0, 0, false);
    }

    /** The largest batch worth waiting for. */
    public int largestPreferred() {
        return preferredItems.isEmpty() ? maxItems : new TreeSet<>(preferredItems).last();
    }
}
