package io.wurstwerk.orchestrator.job;

import java.time.Instant;

/**
 * Where a job stands. Each state offers only the transitions that may leave it, so an illegal one does not compile;
 * terminal states offer none.
 */
public sealed interface JobState {

    JobId job();

    Origin origin();

    /** A job that still owes its answer. */
    sealed interface Open extends JobState {}

    /** A job that has its one answer. */
    sealed interface Terminal extends JobState {

        /** Last segment of the event's type and of its id. */
        String name();
    }

    /** Waits outside: what a job may wait for without its being anyone's fault. */
    enum Dependency {
        TRITON,
        STORE
    }

    /** Read from the submissions topic, not yet judged. */
    record Submitted(Submission submission) implements Open {
        @Override
        public JobId job() {
            return submission.job();
        }

        @Override
        public Origin origin() {
            return submission.origin();
        }

        public Accepted accept(Submission.Ordered ordered) {
            return new Accepted(ordered);
        }

        public Rejected reject(Rejection rejection) {
            return new Rejected(job(), origin(), rejection);
        }

        /** Refuses this body because the job's first body was another one; the first job is not touched. */
        public Rejected conflict() {
            return new Rejected(
                    job().conflictWith(submission.body()),
                    origin(),
                    new Rejection(
                            Rejection.Code.CONFLICT,
                            "an event with this tenant, source and id was already submitted with another body; "
                                    + "give a new wish a new id",
                            java.util.List.of()));
        }
    }

    /** In line for a free place. */
    record Accepted(Submission.Ordered submission) implements Open {
        @Override
        public JobId job() {
            return submission.job();
        }

        @Override
        public Origin origin() {
            return submission.origin();
        }

        public Running start() {
            return new Running(submission, 1);
        }

        public Expired expire(Instant now) {
            return Expired.of(submission, now);
        }
    }

    /**
     * Being drawn.
     *
     * @param attempt counts from 1; only errors of the models count, outages do not
     */
    record Running(Submission.Ordered submission, int attempt) implements Open {
        /** Times that a model may fail a job before the job fails. */
        public static final int ATTEMPTS = 2;

        @Override
        public JobId job() {
            return submission.job();
        }

        @Override
        public Origin origin() {
            return submission.origin();
        }

        public boolean mayRetry() {
            return attempt < ATTEMPTS;
        }

        public Running retry() {
            if (!mayRetry()) {
                throw new IllegalStateException("job " + job() + " had its " + ATTEMPTS + " attempts");
            }
            return new Running(submission, attempt + 1);
        }

        public Waiting await(Dependency dependency) {
            return new Waiting(submission, attempt, dependency);
        }

        public Completed complete(Drawing drawing) {
            return new Completed(job(), origin(), drawing);
        }

        public Failed fail(Failure failure) {
            return new Failed(job(), origin(), failure);
        }

        public Expired expire(Instant now) {
            return Expired.of(submission, now);
        }
    }

    /** Interrupted by an outage that is not the job's doing. */
    record Waiting(Submission.Ordered submission, int attempt, Dependency dependency) implements Open {
        @Override
        public JobId job() {
            return submission.job();
        }

        @Override
        public Origin origin() {
            return submission.origin();
        }

        public Running resume() {
            return new Running(submission, attempt);
        }

        public Expired expire(Instant now) {
            return Expired.of(submission, now);
        }
    }

    record Completed(JobId job, Origin origin, Drawing drawing) implements Terminal {
        @Override
        public String name() {
            return "completed";
        }
    }

    record Failed(JobId job, Origin origin, Failure failure) implements Terminal {
        @Override
        public String name() {
            return "failed";
        }
    }

    record Rejected(JobId job, Origin origin, Rejection rejection) implements Terminal {
        @Override
        public String name() {
            return "rejected";
        }
    }

    record Expired(JobId job, Origin origin, Instant deadline) implements Terminal {
        private static Expired of(Submission.Ordered submission, Instant now) {
            if (now.isBefore(submission.deadline())) {
                throw new IllegalStateException("job " + submission.job() + " has time until " + submission.deadline());
            }
            return new Expired(submission.job(), submission.origin(), submission.deadline());
        }

        @Override
        public String name() {
            return "expired";
        }
    }
}
