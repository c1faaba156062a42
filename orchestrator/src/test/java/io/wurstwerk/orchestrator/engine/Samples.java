package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.job.Timings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Jobs to try things with, named by a number. */
final class Samples {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    static final String PIPELINE = "0123456789abcdef";
    static final Timings NO_TIME = new Timings(
            Duration.ZERO,
            Duration.ofMillis(1),
            Duration.ofSeconds(2),
            Duration.ofMillis(3),
            Duration.ZERO,
            Duration.ofNanos(5),
            Duration.ofHours(1),
            Duration.ZERO);

    private Samples() {}

    static Origin origin(int number) {
        return new Origin("default", "urn:test", Integer.toString(number));
    }

    static JobId id(int number) {
        return JobId.of(origin(number));
    }

    static JobEntry entry(int number) {
        return entry(number, "default", Priority.NORMAL, 1, NOW);
    }

    static JobEntry entry(int number, String tenant, Priority priority, double cost, Instant at) {
        return new JobEntry(
                id(number),
                BodyHash.of(new byte[] {1}),
                tenant,
                priority,
                1,
                cost,
                at,
                at.plus(Duration.ofHours(1)),
                number);
    }

    static JobState.Accepted accepted(int number) {
        return new JobState.Accepted(entry(number), Attempts.NONE);
    }

    static Submission.Ordered ordered(int number) {
        var order = new ImageOrder(
                "p", null, 128, 128, "base", new Schedule.Linear(10), 4, new Schedule.Linear(2), 0, number, 1);
        return new Submission.Ordered(
                id(number),
                origin(number),
                BodyHash.of(new byte[] {1}),
                NOW,
                order,
                Priority.NORMAL,
                NOW.plus(Duration.ofHours(1)));
    }

    static Journal journal(Map<JobId, JournalEntry> entries) {
        Journal journal = new Journal();
        entries.forEach(journal::take);
        return journal;
    }

    static Checkpoint latents(int number, int attempt, int step) {
        return new Checkpoint(
                id(number), 0, attempt, PIPELINE, new Checkpoint.Latents(step, new byte[] {(byte) step, 2, 3, 4}));
    }

    static Event.Raw raw(Checkpoint checkpoint) {
        return new Event.Raw(checkpoint.key(), checkpoint.encode());
    }
}
