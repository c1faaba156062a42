package io.wurstwerk.orchestrator.job;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What intake makes of one prompt event: an order for the engine, or the refusal that the engine will answer with. */
public sealed interface Submission {

    JobId job();

    Origin origin();

    BodyHash body();

    /** When intake read the event. */
    Instant submittedAt();

    /** Where the wish's trace stands, as a W3C traceparent; null for a wish that nobody traces. */
    @Nullable
    String trace();

    /** The same wish, traced. */
    Submission traced(@Nullable String trace);

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
            Instant deadline,
            @Nullable String trace)
            implements Submission {

        /** A request that nobody traces. */
        public Ordered(
                JobId job,
                Origin origin,
                BodyHash body,
                Instant submittedAt,
                ImageOrder order,
                Priority priority,
                Instant deadline) {
            this(job, origin, body, submittedAt, order, priority, deadline, null);
        }

        @Override
        public Ordered traced(@Nullable String by) {
            return new Ordered(job, origin, body, submittedAt, order, priority, deadline, by);
        }
    }

    /** A request that cannot be carried out, whatever happens. */
    record Refused(
            JobId job,
            Origin origin,
            BodyHash body,
            Instant submittedAt,
            Rejection rejection,
            @Nullable String trace) implements Submission {

        /** A request that nobody traces. */
        public Refused(JobId job, Origin origin, BodyHash body, Instant submittedAt, Rejection rejection) {
            this(job, origin, body, submittedAt, rejection, null);
        }

        @Override
        public Refused traced(@Nullable String by) {
            return new Refused(job, origin, body, submittedAt, rejection, by);
        }
    }
}
