package io.wurstwerk.orchestrator.prompt;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.pipeline.Catalog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Turns a record of the prompts topic into a submission: exactly one, whatever the record holds. */
public final class Intake {

    private static final Logger LOG = Logger.getLogger(Intake.class);
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

    /** Answers for every record; even a bug here costs one event a wrong refusal, and never stops its neighbours. */
    public Submission take(ConsumerRecord<byte[], byte[]> record) {
        Catalog drawable = catalog.get();
        try {
            return switch (reader.read(record)) {
                case PromptEvent.Legible event -> judge(event, drawable);
                case PromptEvent.Illegible event -> refuse(event.origin(), record, event.rejection());
            };
        } catch (RuntimeException bug) {
            // Its message may quote the event, so only its type is told.
            LOG.errorf("%s-%d@%d: unexpected %s", record.topic(), record.partition(), record.offset(), bug.getClass());
            return refuse(
                    Origin.ofRecord(record.topic(), record.partition(), record.offset()),
                    record,
                    Rejection.unreadable("the event could not be read"));
        }
    }

    /**
     * What will become of a prompt event with this origin and body, said before it is sent. Nobody is told.
     *
     * @throws IllegalStateException while nothing is known of the models
     */
    public Submission foresee(Origin origin, byte[] body) {
        Catalog drawable = catalog.get();
        return switch (PromptEventReader.body(origin, body)) {
            case PromptEvent.Legible event -> judge(event, drawable);
            case PromptEvent.Illegible event -> refuse(origin, body, event.rejection());
        };
    }

    private Submission refuse(Origin origin, ConsumerRecord<byte[], byte[]> record, Rejection rejection) {
        return refuse(origin, record.value() == null ? NOTHING : record.value(), rejection);
    }

    private Submission refuse(Origin origin, byte[] value, Rejection rejection) {
        return new Submission.Refused(JobId.of(origin), origin, BodyHash.of(value), clock.instant(), rejection);
    }

    private Submission judge(PromptEvent.Legible event, Catalog drawable) {
        JobId job = JobId.of(event.origin());
        BodyHash body = BodyHash.of(StrictJson.canonical(event.body()));
        Instant now = clock.instant();
        var problems = new ArrayList<>(event.problems());
        var verdict = new RequestValidation(drawable).check(event.body(), problems, job::derivedSeed);
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
        return new Submission.Ordered(job, event.origin(), body, now, verdict.order(), verdict.priority(), deadline);
    }

    /** The sender's earliest word, or the default where the sender has none. */
    private static Instant earlier(@Nullable Instant field, @Nullable Instant attribute, Instant otherwise) {
        if (field == null) {
            return attribute == null ? otherwise : attribute;
        }
        return attribute == null || field.isBefore(attribute) ? field : attribute;
    }
}
