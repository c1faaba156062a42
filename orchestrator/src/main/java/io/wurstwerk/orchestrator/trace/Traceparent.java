package io.wurstwerk.orchestrator.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A place in a trace as W3C writes it. Baggage is neither read nor written: anything might be in it. */
public final class Traceparent {
    /** The header's name, in Kafka records as in HTTP and gRPC. */
    public static final String HEADER = "traceparent";

    static final String STATE = "tracestate";

    private static final TextMapGetter<Map<String, String>> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
            return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
            return carrier == null ? null : carrier.get(key);
        }
    };

    private Traceparent() {}

    /** Where the sampled span stands in which this thread works; null where there is none. */
    public static @Nullable String current() {
        return of(Span.current());
    }

    /** Where a sampled span stands; null where nobody records it. */
    static @Nullable String of(Span span) {
        SpanContext context = span.getSpanContext();
        return span.isRecording() && context.isSampled()
                ? "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                        + context.getTraceFlags().asHex()
                : null;
    }

    /** The context that headers name; the root where they name none that is valid. */
    static Context context(Map<String, String> headers) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, GETTER);
    }

    /** What a header names; invalid where that is nothing. */
    static SpanContext parse(String traceparent) {
        return Span.fromContext(context(Map.of(HEADER, traceparent))).getSpanContext();
    }
}
