package io.wurstwerk.orchestrator.view;

import java.time.Duration;

/**
 * How much of the past is kept.
 *
 * @param jobs most jobs on disk; beyond it the oldest are forgotten
 * @param retention how long a job is kept since it was submitted
 * @param cacheMegabytes of the file that are kept in memory
 */
public record ViewBounds(int jobs, Duration retention, int cacheMegabytes) {

    public ViewBounds {
        if (jobs < 1 || cacheMegabytes < 1 || retention.isNegative() || retention.isZero()) {
            throw new IllegalArgumentException(
                    "wurstwerk.view.jobs, wurstwerk.view.retention and wurstwerk.view.cache-megabytes must be above 0: "
                            + jobs + ", " + retention + ", " + cacheMegabytes);
        }
    }
}
