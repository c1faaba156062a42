package io.wurstwerk.orchestrator.job;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.time.Instant;

/** What intake makes of one prompt event: an order for the engine, or the refusal that the engine will answer with. */
public sealed interface Submission {

    JobId job();

    Origin origin();

    BodyHash body();

    /** When intake read the event. */
    Instant submittedAt();

    /**
     * A valid request.
     *
     * @param deadline when the job ends unanswered at the latest; never absent
     */
    record Ordered(
            JobId job,
            Origin origin,
            BodyHash body,
            Instant submittedAt,
            ImageOrder order,
            Priority priority,
            Instant deadline)
            implements Submission {}

    /** A request that cannot be carried out, whatever happens. */
    record Refused(JobId job, Origin origin, BodyHash body, Instant submittedAt, Rejection rejection)
            implements Submission {}
}
