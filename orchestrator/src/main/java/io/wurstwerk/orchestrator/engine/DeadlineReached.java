package io.wurstwerk.orchestrator.engine;

import java.io.Serial;

/** Carries the end of a job's time out of the pipeline, through its progress listener. */
final class DeadlineReached extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    DeadlineReached() {
        super("the job's deadline has passed", null, false, false);
    }
}
