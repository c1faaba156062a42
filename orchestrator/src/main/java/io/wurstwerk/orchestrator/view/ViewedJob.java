package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the topics have said of one job so far. They are read side by side, so any part may come first.
 *
 * @param submission what intake made of the prompt event
 * @param provisional whether the submission is what this instance expects, and not yet what the topic says
 * @param standing the journal's latest word
 * @param journalled offset of that word, -1 for none
 * @param accepted offset of the journal's first word on the job, -1 for none
 * @param started offset of the journal's word that the latest attempt had begun, -1 for none
 * @param answer data of the terminal event
 * @param answered offset of the terminal event, -1 for none
 * @param finishedAt when the terminal event was written
 */
public record ViewedJob(
        JobId id,
        @Nullable Submission submission,
        boolean provisional,
        @Nullable JournalEntry standing,
        long journalled,
        long accepted,
        long started,
        @Nullable ObjectNode answer,
        long answered,
        @Nullable Instant finishedAt) {

    static ViewedJob unknown(JobId id) {
        return new ViewedJob(id, null, false, null, -1, -1, -1, null, -1, null);
    }

    ViewedJob withSubmission(Submission said, boolean expected) {
        return new ViewedJob(id, said, expected, standing, journalled, accepted, started, answer, answered, finishedAt);
    }

    ViewedJob withStanding(JournalEntry entry, long offset) {
        boolean begun = attempt(entry) > attempt(standing);
        boolean open = entry instanceof JournalEntry.Open;
        return new ViewedJob(
                id,
                submission,
                provisional,
                entry,
                offset,
                accepted < 0 && open ? offset : accepted,
                begun ? offset : started,
                answer,
                answered,
                finishedAt);
    }

    ViewedJob withAnswer(ObjectNode data, long offset, Instant at) {
        return new ViewedJob(id, submission, provisional, standing, journalled, accepted, started, data, offset, at);
    }

    private static int attempt(@Nullable JournalEntry entry) {
        return entry instanceof JournalEntry.Open(JobState.Open state)
                ? state.attempts().started()
                : 0;
    }

    /** The job's standing while it owes its answer. */
    Optional<JobState.Open> open() {
        return standing instanceof JournalEntry.Open(JobState.Open state) && answer == null
                ? Optional.of(state)
                : Optional.empty();
    }

    /** Whether the job has its answer, be it here or only known to exist. */
    public boolean ended() {
        return answer != null || standing instanceof JournalEntry.Closed;
    }

    /** As the contract names it. */
    public String state() {
        if (answer != null) {
            return answer.path("state").asText();
        }
        return switch (standing) {
            case JournalEntry.Open(JobState.Accepted _) -> "accepted";
            case JournalEntry.Open(JobState.Running _) -> "running";
            case JournalEntry.Open(JobState.Waiting _) -> "waiting";
            case JournalEntry.Closed closed -> closed.state();
            case JournalEntry.CancelledUnseen _ -> "submitted";
            case null -> "submitted";
        };
    }

    /** Whose job it is; empty while nothing has told. */
    public Optional<String> tenant() {
        if (submission != null) {
            return Optional.of(submission.origin().tenant());
        }
        if (standing instanceof JournalEntry.Open(JobState.Open state)) {
            return Optional.of(state.job().tenant());
        }
        return answer == null
                ? Optional.empty()
                : Optional.of(answer.path("tenant").asText());
    }

    Optional<Origin> origin() {
        if (submission != null) {
            return Optional.of(submission.origin());
        }
        return answer == null
                ? Optional.empty()
                : Optional.of(new Origin(
                        answer.path("tenant").asText(),
                        answer.at("/request/source").asText(),
                        answer.at("/request/id").asText()));
    }

    /** Of the request; empty while nothing has told. */
    public Optional<BodyHash> body() {
        if (submission != null) {
            return Optional.of(submission.body());
        }
        return switch (standing) {
            case JournalEntry.Open(JobState.Open state) ->
                Optional.of(state.job().body());
            case JournalEntry.Closed closed -> Optional.of(closed.body());
            case JournalEntry.CancelledUnseen _ -> Optional.empty();
            case null -> Optional.empty();
        };
    }

    /** When intake read the event; empty while nothing has told. */
    public Optional<Instant> submittedAt() {
        if (submission != null) {
            return Optional.of(submission.submittedAt());
        }
        return standing instanceof JournalEntry.Open(JobState.Open state)
                ? Optional.of(state.job().submittedAt())
                : Optional.empty();
    }

    /** Where the job stands in time, for lists and for forgetting. */
    Instant since() {
        if (standing instanceof JournalEntry.Closed closed && submission == null && finishedAt == null) {
            return closed.at();
        }
        return submittedAt().or(() -> Optional.ofNullable(finishedAt)).orElse(Instant.EPOCH);
    }
}
