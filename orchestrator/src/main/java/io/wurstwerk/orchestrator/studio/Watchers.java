package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.job.JobId;

/** Knows whether anybody looks. Asked from many threads, at every step: answers at once. */
@FunctionalInterface
public interface Watchers {
    Watchers NOBODY = job -> false;

    Watchers EVERYBODY = job -> true;

    /** Whether anyone is watching the job now. */
    boolean watching(JobId job);

    default Watchers or(Watchers others) {
        return job -> watching(job) || others.watching(job);
    }
}
