package io.wurstwerk.standalone.simulation;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Journal;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.engine.Ports.Entry;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The topics of one partition, as the broker holds them, and what has to be true of them at any time. */
final class SimulatedLog {
    record Written(Submission submission, Instant at) {}

    record Cancel(JobId job, Instant at) {}

    private final int partition;
    private final Mutation mutation;
    private final AnswerCheck check;
    final List<Written> submissions = new ArrayList<>();
    final List<Cancel> commands = new ArrayList<>();
    final Map<JobId, JournalEntry> journal = new LinkedHashMap<>();
    final List<Event.Raw> checkpoints = new ArrayList<>();
    final Map<JobId, JobState.Terminal> answers = new LinkedHashMap<>();
    private final Set<JobId> parked = new HashSet<>();
    private final Map<JobId, JournalEntry.Closed> everClosed = new HashMap<>();
    private final Set<String> tombstoned = new HashSet<>();
    long committedPosition;
    /** Who may write: every new owner has a higher one. */
    private long fence;

    /** Looks at an answer at the moment it becomes visible. */
    interface AnswerCheck {
        void visible(JobState.Terminal answer);
    }

    SimulatedLog(int partition, Mutation mutation, AnswerCheck check) {
        this.partition = partition;
        this.mutation = mutation;
        this.check = check;
    }

    /** Lets a new owner in and shuts every other out. */
    long fence() {
        return ++fence;
    }

    boolean fenced(long holder) {
        return holder != fence && mutation != Mutation.NO_FENCE;
    }

    Journal replayedJournal() {
        Map<JobId, JournalEntry> copy = new LinkedHashMap<>(journal);
        if (mutation == Mutation.CHECKPOINTS_OF_FINISHED_JOBS) {
            copy.entrySet()
                    .removeIf(entry -> entry.getValue() instanceof JournalEntry.Closed
                            && checkpoints.stream().anyMatch(raw -> raw.key().startsWith(entry.getKey() + "/")));
        }
        Journal read = new Journal();
        copy.forEach(read::take);
        return read;
    }

    void apply(List<Entry> entries) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Answer(JobState.Terminal state, String _) -> answer(state);
                case Entry.Journal(JobId job, JournalEntry written) -> journal(job, written);
                case Entry.Tombstone(String key) -> {
                    tombstoned.add(key);
                    checkpoints.removeIf(raw -> raw.key().equals(key));
                }
                case Entry.Parked(JobId job, long _, String _) -> parked.add(job);
            }
        }
        for (Entry entry : entries) {
            if (entry instanceof Entry.Answer(JobState.Terminal state, String _)
                    && !(journal.get(state.id()) instanceof JournalEntry.Closed)) {
                throw new Broken("I13", "job " + state.id() + " was answered and the journal says nothing of it");
            }
            if (entry instanceof Entry.Answer(JobState.Terminal.Failed failed, String _)
                    && failed.failure().code() == Failure.Code.CRASH_LOOP
                    && !parked.contains(failed.id())) {
                throw new Broken("I5", "job " + failed.id() + " was given up without a parked copy");
            }
        }
    }

    void checkpoint(String key, byte @Nullable [] value) {
        String written =
                mutation == Mutation.ONE_KEY_FOR_ALL_IMAGES ? key.substring(0, key.lastIndexOf('/')) + "/0" : key;
        if (value == null) {
            checkpoints.removeIf(raw -> raw.key().equals(written));
        } else {
            checkpoints.add(new Event.Raw(written, value));
        }
    }

    private void answer(JobState.Terminal state) {
        JobState.Terminal before = answers.putIfAbsent(state.id(), state);
        if (before != null) {
            throw new Broken(
                    "I2",
                    "job " + state.id() + " of partition " + partition + " was answered " + before.name() + " and then "
                            + state.name());
        }
        check.visible(state);
    }

    private void journal(JobId job, @Nullable JournalEntry entry) {
        switch (entry) {
            case null -> {
                if (journal.remove(job) instanceof JournalEntry.Open) {
                    throw new Broken("I13", "job " + job + " was forgotten before its answer");
                }
            }
            case JournalEntry.Closed closed -> {
                if (everClosed.putIfAbsent(job, closed) != null) {
                    throw new Broken("I6", "job " + job + " was closed twice");
                }
                journal.put(job, closed);
            }
            case JournalEntry.Open(JobState.Open state) -> {
                if (everClosed.containsKey(job)) {
                    throw new Broken("I6", "job " + job + " was opened again after its answer");
                }
                if (journal.get(job) instanceof JournalEntry.Open(JobState.Open earlier)
                        && earlier.attempts().started() > state.attempts().started()) {
                    throw new Broken(
                            "I6",
                            "job " + job + " went back from attempt "
                                    + earlier.attempts().started() + " to "
                                    + state.attempts().started());
                }
                journal.put(job, entry);
            }
            case JournalEntry.CancelledUnseen cancelled -> {
                if (everClosed.containsKey(job)) {
                    throw new Broken("I6", "job " + job + " was cancelled unseen after its answer");
                }
                journal.put(job, cancelled);
            }
        }
    }
}
