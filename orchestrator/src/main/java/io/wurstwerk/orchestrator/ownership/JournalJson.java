package io.wurstwerk.orchestrator.ownership;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Priority;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The wire form of the journal, versioned: an engine refuses what a newer one wrote. */
public final class JournalJson {
    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JournalJson() {}

    public static byte[] write(JournalEntry entry) {
        return write(
                entry,
                entry instanceof JournalEntry.Open(JobState.Open state)
                        ? state.job().trace()
                        : null);
    }

    /** @param trace of an open job: what its next attempt is to link to; null for a job that nobody traces */
    static byte[] write(JournalEntry entry, @Nullable String trace) {
        ObjectNode root = MAPPER.createObjectNode().put("v", VERSION);
        switch (entry) {
            case JournalEntry.Open(JobState.Open state) -> {
                open(root, state);
                if (trace != null) {
                    root.put("trace", trace);
                }
            }
            case JournalEntry.Closed closed ->
                root.put("s", closed.state())
                        .put("body", closed.body().hex())
                        .put("at", closed.at().toEpochMilli());
            case JournalEntry.CancelledUnseen(Instant at) ->
                root.put("s", "cancelled_unseen").put("at", at.toEpochMilli());
        }
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree can be written", impossible);
        }
    }

    /** @throws IllegalArgumentException when the bytes are no journal entry of this version */
    public static JournalEntry read(JobId job, byte[] bytes) {
        try {
            JsonNode root = MAPPER.readTree(bytes);
            if (root.path("v").intValue() == VERSION) {
                return entry(job, root);
            }
        } catch (IOException | RuntimeException foreign) {
            throw new IllegalArgumentException("the journal entry of job " + job + " cannot be read", foreign);
        }
        throw new IllegalArgumentException("the journal entry of job " + job + " is not of version " + VERSION
                + ", the only one that this engine reads");
    }

    private static JournalEntry entry(JobId job, JsonNode root) {
        String state = root.required("s").textValue();
        return switch (state) {
            case "accepted", "running", "waiting" -> new JournalEntry.Open(open(job, state, root));
            case "cancelled_unseen" -> new JournalEntry.CancelledUnseen(at(root, "at"));
            // Thousands of entries share a few states.
            default ->
                new JournalEntry.Closed(
                        new BodyHash(root.required("body").textValue()), state.intern(), at(root, "at"));
        };
    }

    private static void open(ObjectNode root, JobState.Open state) {
        JobEntry job = state.job();
        root.put("body", job.body().hex())
                .put("tenant", job.tenant())
                .put("priority", job.priority().wire())
                .put("images", job.images())
                .put("cost", job.cost())
                .put("submitted", job.submittedAt().toEpochMilli())
                .put("deadline", job.deadline().toEpochMilli())
                .put("offset", job.offset())
                .put("started", state.attempts().started())
                .put("crashes", state.attempts().crashes())
                .put("progress", state.attempts().progress());
        switch (state) {
            case JobState.Accepted _ -> root.put("s", "accepted");
            case JobState.Running _ -> root.put("s", "running");
            case JobState.Waiting waiting ->
                root.put("s", "waiting").put("for", waiting.dependency().name());
        }
    }

    private static JobState.Open open(JobId id, String state, JsonNode root) {
        JobEntry job = new JobEntry(
                id,
                new BodyHash(root.required("body").textValue()),
                root.required("tenant").textValue(),
                Priority.of(root.required("priority").textValue()),
                root.required("images").intValue(),
                root.required("cost").doubleValue(),
                at(root, "submitted"),
                at(root, "deadline"),
                root.required("offset").longValue(),
                root.path("trace").textValue());
        Attempts attempts = new Attempts(
                root.required("started").intValue(),
                root.required("crashes").intValue(),
                root.required("progress").intValue());
        return switch (state) {
            case "running" -> new JobState.Running(job, attempts);
            case "waiting" ->
                new JobState.Waiting(
                        job, attempts, Dependency.valueOf(root.required("for").textValue()));
            default -> new JobState.Accepted(job, attempts);
        };
    }

    private static Instant at(JsonNode root, String field) {
        return Instant.ofEpochMilli(root.required(field).longValue());
    }
}
