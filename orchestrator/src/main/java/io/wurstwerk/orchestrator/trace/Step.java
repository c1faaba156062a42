package io.wurstwerk.orchestrator.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One piece of work that is followed until it is closed. */
public final class Step implements AutoCloseable {
    /** Work that nobody follows. */
    static final Step UNSEEN = new Step(Span.getInvalid(), () -> {});

    private final Span span;
    private final Runnable closed;
    private boolean failed;

    /** @param closed runs at the end of work that did not fail */
    Step(Span span, Runnable closed) {
        this.span = span;
        this.closed = closed;
    }

    /** What to send along, so that others go on with the trace; empty where nobody follows. */
    public Map<String, String> metadata() {
        String trace = traceparent();
        return trace == null ? Map.of() : Map.of(Traceparent.HEADER, trace);
    }

    /** Where the trace stands; null where nobody follows. */
    public @Nullable String traceparent() {
        return Traceparent.of(span);
    }

    /** @param type what went wrong, in few different words: a class or a code */
    public void failed(String type) {
        failed = true;
        span.setAttribute("error.type", type);
        span.setStatus(StatusCode.ERROR, type);
    }

    @Override
    public void close() {
        span.end();
        if (!failed) {
            closed.run();
        }
    }
}
