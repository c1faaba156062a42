package io.wurstwerk.orchestrator.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * A job's span begins a trace of its own, because the wait in the queue may be long, and it is of the wish that it links
 * to: where that is sampled, so is the job, without a second draw. Everything else is the configured sampler's matter.
 */
final class LinkedSampler implements Sampler {
    private final Sampler configured;

    LinkedSampler(Sampler configured) {
        this.configured = configured;
    }

    @Override
    public SamplingResult shouldSample(
            Context parent, String traceId, String name, SpanKind kind, Attributes attributes, List<LinkData> links) {
        boolean root = !Span.fromContext(parent).getSpanContext().isValid();
        boolean linked = links.stream().anyMatch(link -> link.getSpanContext().isSampled());
        return root && linked
                ? SamplingResult.recordAndSample()
                : configured.shouldSample(parent, traceId, name, kind, attributes, links);
    }

    @Override
    public String getDescription() {
        return "Linked{" + configured.getDescription() + "}";
    }
}
