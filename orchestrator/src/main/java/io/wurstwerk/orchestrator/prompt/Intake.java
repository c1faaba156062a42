package io.wurstwerk.orchestrator.prompt;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.pipeline.Catalog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Turns a record of the prompts topic into a submission: exactly one, whatever the record holds. */
public final class Intake {

    private static final byte[] NOTHING = {};

    private final PromptEventReader reader = new PromptEventReader();
    private final Supplier<Catalog> catalog;
    private final Duration patience;
    private final Clock clock;

    /**
     * @param catalog what can be drawn now
     * @param patience how long a job without a deadline of its own may take
     */
    public Intake(Supplier<Catalog> catalog, Duration patience, Clock clock) {
        this.catalog = catalog;
        this.patience = patience;
        this.clock = clock;
    }

    public Submission take(ConsumerRecord<byte[], byte[]> record) {
        return switch (reader.read(record)) {
            case PromptEvent.Legible event -> judge(event);
            case PromptEvent.Illegible event ->
                new Submission.Refused(
                        JobId.of(event.origin()),
                        event.origin(),
                        BodyHash.of(record.value() == null ? NOTHING : record.value()),
                        clock.instant(),
                        event.rejection());
        };
    }

    private Submission judge(PromptEvent.Legible event) {
        JobId job = JobId.of(event.origin());
        BodyHash body = BodyHash.of(StrictJson.canonical(event.body()));
        Instant now = clock.instant();
        var problems = new ArrayList<>(event.problems());
        var verdict = new RequestValidation(catalog.get()).check(event.body(), problems, job::derivedSeed);
        if (verdict.order() == null) {
            return new Submission.Refused(
                    job,
                    event.origin(),
                    body,
                    now,
                    new Rejection(
                            Rejection.Code.INVALID_REQUEST,
                            problems.size() == 1 ? "1 field is wrong" : problems.size() + " fields are wrong",
                            problems));
        }
        Instant deadline = earlier(verdict.deadline(), event.expiry(), now.plus(patience));
        return new Submission.Ordered(job, event.origin(), body, now, verdict.order(), deadline);
    }

    /** The sender's earliest word, or the default where the sender has none. */
    private static Instant earlier(@Nullable Instant field, @Nullable Instant attribute, Instant otherwise) {
        if (field == null) {
            return attribute == null ? otherwise : attribute;
        }
        return attribute == null || field.isBefore(attribute) ? field : attribute;
    }
}
