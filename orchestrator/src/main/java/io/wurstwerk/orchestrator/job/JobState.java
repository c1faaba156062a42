package io.wurstwerk.orchestrator.job;

import java.time.Instant;

/**
 * Where a job stands. Each state offers only the transitions that may leave it, so an illegal one does not compile;
 * a terminal state offers none.
 */
public sealed interface JobState {

    /** A job that still owes its answer. */
    sealed interface Open extends JobState {
        JobEntry job();

        Attempts attempts();

        /** Its owner died while the job was in this state; what that means for it is the state's to say. */
        Open orphaned(int checkpointed);

        /** @throws IllegalStateException before the deadline */
        default Terminal expire(Origin origin, Instant now) {
            if (now.isBefore(job().deadline())) {
                throw new IllegalStateException("job " + job().id() + " has time until " + job().deadline());
            }
            return new Terminal.Expired(job().id(), origin, job().deadline());
        }

        default Terminal cancel(Origin origin) {
            return new Terminal.Cancelled(job().id(), origin);
        }
    }

    /** What a job may wait for without its being anyone's fault. */
    enum Dependency {
        TRITON,
        STORE
    }

    /** In line for a free place. */
    record Accepted(JobEntry job, Attempts attempts) implements Open {
        public Running start() {
            return new Running(job, attempts.start());
        }

        /** Given up unheard: it killed its process or lane too often. */
        public Terminal giveUp(Origin origin) {
            if (!attempts.exhausted()) {
                throw new IllegalStateException(
                        "job " + job.id() + " has crashed " + attempts.crashes() + " times only");
            }
            return new Terminal.Failed(
                    job.id(),
                    origin,
                    new Failure(
                            Failure.Code.CRASH_LOOP,
                            "work on the job ended with a crash " + attempts.crashes() + " times in a row"));
        }

        @Override
        public Accepted orphaned(int checkpointed) {
            return this;
        }
    }

    /** Being drawn. */
    record Running(JobEntry job, Attempts attempts) implements Open {
        /** Stops in good order; the next owner goes on. */
        public Accepted pause() {
            return new Accepted(job, attempts);
        }

        public Waiting await(Dependency dependency) {
            return new Waiting(job, attempts, dependency);
        }

        /** Goes on with what is known of its crashes by now. */
        public Running with(Attempts counted) {
            return new Running(job, counted);
        }

        public Terminal complete(Origin origin, Drawing drawing) {
            return new Terminal.Completed(job.id(), origin, drawing);
        }

        public Terminal fail(Origin origin, Failure failure) {
            return new Terminal.Failed(job.id(), origin, failure);
        }

        @Override
        public Accepted orphaned(int checkpointed) {
            return new Accepted(job, attempts.crash(checkpointed));
        }
    }

    /** Interrupted by an outage that is not the job's doing. */
    record Waiting(JobEntry job, Attempts attempts, Dependency dependency) implements Open {
        public Running resume() {
            return new Running(job, attempts);
        }

        /** Stops in good order; the next owner goes on. */
        public Accepted pause() {
            return new Accepted(job, attempts);
        }

        @Override
        public Accepted orphaned(int checkpointed) {
            return new Accepted(job, attempts);
        }
    }

    /** The one answer to a job. */
    sealed interface Terminal extends JobState {
        JobId id();

        Origin origin();

        /** Last segment of the event's type and of its id. */
        String name();

        record Completed(JobId id, Origin origin, Drawing drawing) implements Terminal {
            @Override
            public String name() {
                return "completed";
            }
        }

        record Failed(JobId id, Origin origin, Failure failure) implements Terminal {
            @Override
            public String name() {
                return "failed";
            }
        }

        record Rejected(JobId id, Origin origin, Rejection rejection) implements Terminal {
            @Override
            public String name() {
                return "rejected";
            }
        }

        record Cancelled(JobId id, Origin origin) implements Terminal {
            @Override
            public String name() {
                return "cancelled";
            }
        }

        record Expired(JobId id, Origin origin, Instant deadline) implements Terminal {
            @Override
            public String name() {
                return "expired";
            }
        }
    }
}
