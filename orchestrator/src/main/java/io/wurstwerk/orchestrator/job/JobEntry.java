package io.wurstwerk.orchestrator.job;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a partition keeps in memory of a job: all that scheduling needs, and where the rest can be read.
 *
 * @param body of the request that made the job
 * @param images how many the job draws, 1 to 8
 * @param cost predicted work of the whole job; any unit, the same for all jobs
 * @param offset of the submission in its partition, where the order stands
 * @param trace where the job's trace stands, as a W3C traceparent: whoever begins work on the job links to it; null for
 *     a job that nobody traces
 */
public record JobEntry(
        JobId id,
        BodyHash body,
        String tenant,
        Priority priority,
        int images,
        double cost,
        Instant submittedAt,
        Instant deadline,
        long offset,
        @Nullable String trace) {

    /** A job that nobody traces. */
    public JobEntry(
            JobId id,
            BodyHash body,
            String tenant,
            Priority priority,
            int images,
            double cost,
            Instant submittedAt,
            Instant deadline,
            long offset) {
        this(id, body, tenant, priority, images, cost, submittedAt, deadline, offset, null);
    }
}
