package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the journal of a partition says once it has been read to its end. Most of it are answers, and they go into their
 * compact form one by one, so that taking over a partition needs no more memory than having it.
 */
public final class Journal {
    private final Map<JobId, JobState.Open> open = new LinkedHashMap<>();
    private final Map<JobId, Instant> cancelled = new LinkedHashMap<>();
    private final Answered answered = new Answered();

    /** Takes the next record of the log; what an earlier one said of the job does not count any more. */
    public void take(JobId job, @Nullable JournalEntry entry) {
        open.remove(job);
        cancelled.remove(job);
        answered.remove(job);
        switch (entry) {
            case null -> {}
            case JournalEntry.Open(JobState.Open state) -> open.put(job, state);
            case JournalEntry.Closed closed -> answered.add(job, closed.body(), closed.at());
            case JournalEntry.CancelledUnseen(Instant at) -> cancelled.put(job, at);
        }
    }

    /** Jobs that owe their answer, in the order of the log. */
    public Map<JobId, JobState.Open> open() {
        return open;
    }

    /** Jobs that were cancelled before they were seen, and when. */
    public Map<JobId, Instant> cancelled() {
        return cancelled;
    }

    /** Whether the job has its answer. */
    public boolean answered(JobId job) {
        return answered.contains(job);
    }

    /** How many jobs have their answer. */
    public int answers() {
        return answered.size();
    }

    Answered answered() {
        return answered;
    }
}
