package io.wurstwerk.orchestrator.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The spans of jobs. Intake's span belongs to the sender's trace. Each attempt at a job is a trace of its own that links
 * to where the wish came from, and from the second one on to the first attempt. What nobody samples leaves nothing here.
 * Thread-safe.
 */
public final class JobTraces {
    /** Follows nothing. */
    public static final JobTraces OFF = new JobTraces(TracerProvider.noop().get("wurstwerk"), Clock.systemUTC(), false);

    private static final AttributeKey<String> JOB = AttributeKey.stringKey("wurstwerk.job.id");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("wurstwerk.outcome");
    private static final AttributeKey<String> STAGE = AttributeKey.stringKey("wurstwerk.stage");
    private static final AttributeKey<Long> IMAGE = AttributeKey.longKey("wurstwerk.image");
    private static final AttributeKey<Long> STEP = AttributeKey.longKey("wurstwerk.step");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("wurstwerk.attempt");

    private final Tracer tracer;
    private final Clock clock;
    private final boolean on;
    /** The jobs that are worked on here and sampled. */
    private final Map<JobId, Attempt> attempts = new ConcurrentHashMap<>();

    /** @param on whether anything is ever recorded */
    JobTraces(Tracer tracer, Clock clock, boolean on) {
        this.tracer = tracer;
        this.clock = clock;
        this.on = on;
    }

    /** Whether anything is ever recorded: otherwise nobody needs to look for a sender's trace. */
    public boolean on() {
        return on;
    }

    // ---- intake

    /**
     * A record of the prompts topic has become a submission.
     *
     * @param sender headers of the sender's trace, as far as there are any
     * @param since when the work on it began
     * @return where the wish's trace stands; null when it is not sampled
     */
    public @Nullable String taken(
            Map<String, String> sender,
            String topic,
            int partition,
            long offset,
            Instant since,
            Submission submission) {
        if (!on) {
            return null;
        }
        Span span = tracer.spanBuilder("process " + topic)
                .setParent(Traceparent.context(sender))
                .setSpanKind(SpanKind.CONSUMER)
                .setStartTimestamp(since)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.operation.type", "process")
                .setAttribute("messaging.operation.name", "process")
                .setAttribute("messaging.destination.name", topic)
                .setAttribute("messaging.destination.partition.id", Integer.toString(partition))
                .setAttribute("messaging.kafka.offset", offset)
                .setAttribute(JOB, submission.job().value())
                .startSpan();
        if (submission instanceof Submission.Refused refused) {
            span.setAttribute("error.type", refused.rejection().code().wire());
            span.setStatus(StatusCode.ERROR, refused.rejection().code().wire());
        }
        String trace = Traceparent.of(span);
        span.end(clock.instant());
        return trace;
    }

    // ---- the engine's word

    /** Work on a job begins. */
    public void started(int partition, JobState.Running running) {
        JobEntry job = running.job();
        String wish = job.trace();
        SpanContext link = wish == null || !on ? SpanContext.getInvalid() : Traceparent.parse(wish);
        if (!link.isSampled()) {
            return;
        }
        int attempt = running.attempts().started();
        Instant now = clock.instant();
        // Another machine's clock may be ahead. What an earlier attempt waited is not this one's.
        boolean first = attempt == 1 && job.submittedAt().isBefore(now);
        Span span = tracer.spanBuilder("job")
                .setNoParent()
                .setSpanKind(SpanKind.CONSUMER)
                .addLink(link)
                .setStartTimestamp(first ? job.submittedAt() : now)
                .setAttribute(JOB, job.id().value())
                .setAttribute(ATTEMPT, (long) attempt)
                .setAttribute("wurstwerk.images", job.images())
                .setAttribute("wurstwerk.priority", job.priority().wire())
                .startSpan();
        if (!span.isRecording()) {
            return;
        }
        if (first) {
            tracer.spanBuilder("queue")
                    .setParent(Context.root().with(span))
                    .setStartTimestamp(job.submittedAt())
                    .startSpan()
                    .end(now);
        }
        Attempt before = attempts.put(job.id(), new Attempt(span, partition, attempt));
        if (before != null) {
            before.end("interrupted");
        }
    }

    /** An image goes on from a checkpoint. */
    public void resumed(ImageId image, int fromStep) {
        Attempt attempt = attempts.get(image.job());
        if (attempt != null) {
            attempt.span.addEvent("resumed", Attributes.of(IMAGE, (long) image.index(), STEP, (long) fromStep));
        }
    }

    /** A model server died while it worked on the job. */
    public void laneCrashed(JobId job, String lane) {
        Attempt attempt = attempts.get(job);
        if (attempt != null) {
            attempt.span.addEvent("lane crashed", Attributes.of(AttributeKey.stringKey("server.address"), lane));
        }
    }

    /** The answer is durable. */
    public void answered(Terminal state) {
        Attempt attempt = attempts.remove(state.id());
        if (attempt == null) {
            return;
        }
        if (state instanceof Terminal.Failed failed) {
            attempt.span.setAttribute("error.type", failed.failure().code().wire());
            attempt.span.setStatus(StatusCode.ERROR, failed.failure().code().wire());
        }
        attempt.end(state.name());
    }

    /** A partition is not owned here any more. */
    public void left(int partition) {
        attempts.values().removeIf(attempt -> {
            boolean over = attempt.partition == partition;
            if (over) {
                attempt.end("interrupted");
            }
            return over;
        });
    }

    // ---- at the ports

    /** A call of a model, the {@code number}th of so many of a stage. */
    public Step step(ImageId image, String stage, int number, int of, String lane) {
        Attempt attempt = current(image);
        return attempt == null ? Step.UNSEEN : attempt.step(image.index(), stage, number, of, lane);
    }

    /** A stage that is one piece of work. */
    public Step whole(ImageId image, String stage) {
        Attempt attempt = current(image);
        if (attempt == null) {
            return Step.UNSEEN;
        }
        attempt.endStage(image.index());
        return new Step(attempt.child(stage, image.index(), SpanKind.CLIENT).startSpan(), () -> {});
    }

    /**
     * An answer goes into the log.
     *
     * @param trace where the job's trace stood before it was worked on
     */
    public Step publishing(Terminal state, String topic, @Nullable String trace) {
        Attempt attempt = attempts.get(state.id());
        if (!on || (attempt == null && trace == null)) {
            return Step.UNSEEN;
        }
        SpanBuilder builder = tracer.spanBuilder("publish " + topic)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.operation.type", "send")
                .setAttribute("messaging.operation.name", "publish")
                .setAttribute("messaging.destination.name", topic)
                .setAttribute(JOB, state.id().value())
                .setAttribute(OUTCOME, state.name());
        if (attempt != null) {
            builder.setParent(Context.root().with(attempt.span));
        } else if (trace != null) {
            SpanContext link = Traceparent.parse(trace);
            if (!link.isSampled()) {
                return Step.UNSEEN;
            }
            builder.setNoParent().addLink(link);
        }
        return new Step(builder.startSpan(), () -> {});
    }

    /** Where the trace of a job stands that is worked on here; null where it is not sampled. */
    public @Nullable String of(JobId job) {
        Attempt attempt = attempts.get(job);
        return attempt == null ? null : attempt.traceparent;
    }

    /** What the journal is to say: whoever goes on with the job links to its first attempt, or to where it came from. */
    public @Nullable String journalled(JobEntry job) {
        Attempt attempt = attempts.get(job.id());
        return attempt == null || attempt.number > 1 ? job.trace() : attempt.traceparent;
    }

    private @Nullable Attempt current(ImageId image) {
        Attempt attempt = attempts.get(image.job());
        return attempt == null || attempt.number != image.attempt() ? null : attempt;
    }

    private final class Attempt {
        private final Span span;
        private final @Nullable String traceparent;
        private final int partition;
        private final int number;
        /** By image, the stage that it is in. */
        private final Map<Integer, Stage> stages = new ConcurrentHashMap<>();

        private record Stage(String name, Span span) {}

        Attempt(Span span, int partition, int number) {
            this.span = span;
            this.traceparent = Traceparent.of(span);
            this.partition = partition;
            this.number = number;
        }

        SpanBuilder child(String name, int index, SpanKind kind) {
            return tracer.spanBuilder(name)
                    .setParent(Context.root().with(span))
                    .setSpanKind(kind)
                    .setAttribute(IMAGE, (long) index);
        }

        Step step(int index, String name, int step, int of, String lane) {
            Stage stage = stages.compute(index, (_, now) -> {
                if (now != null && now.name().equals(name)) {
                    return now;
                }
                if (now != null) {
                    now.span().end();
                }
                return new Stage(name, child(name, index, SpanKind.INTERNAL).startSpan());
            });
            Span call = tracer.spanBuilder("step")
                    .setParent(Context.root().with(stage.span()))
                    .setSpanKind(SpanKind.CLIENT)
                    .setAttribute("rpc.system", "grpc")
                    .setAttribute("rpc.service", "inference.GRPCInferenceService")
                    .setAttribute("rpc.method", "ModelInfer")
                    .setAttribute("server.address", lane)
                    .setAttribute(STAGE, name)
                    .setAttribute(STEP, (long) step)
                    .startSpan();
            return new Step(call, () -> {
                if (step == of) {
                    endStage(index);
                }
            });
        }

        void endStage(int index) {
            Stage stage = stages.remove(index);
            if (stage != null) {
                stage.span().end();
            }
        }

        void end(String outcome) {
            stages.keySet().forEach(this::endStage);
            span.setAttribute(OUTCOME, outcome);
            span.end();
        }
    }
}
