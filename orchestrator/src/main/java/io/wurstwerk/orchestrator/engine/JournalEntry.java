package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import java.time.Instant;

/** What the journal says of a job: its full state, so that the latest record of a key is all that counts. */
public sealed interface JournalEntry {

    /** The job owes its answer. */
    record Open(JobState.Open state) implements JournalEntry {}

    /**
     * The job has its answer. Small, because it is kept for as long as the request might be submitted again.
     *
     * @param body of the request that was answered
     * @param state name of the terminal state
     */
    record Closed(BodyHash body, String state, Instant at) implements JournalEntry {}

    /**
     * Somebody cancelled a job that has not been seen yet.
     *
     * @param at when; kept until the submissions have been read past this
     */
    record CancelledUnseen(Instant at) implements JournalEntry {}
}
