package io.wurstwerk.orchestrator.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinkedSamplerTest {
    private static final String SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    private static SamplingDecision decision(Sampler configured, Context parent, String... links) {
        return new LinkedSampler(configured)
                .shouldSample(
                        parent,
                        "0123456789abcdef0123456789abcdef",
                        "job",
                        SpanKind.CONSUMER,
                        Attributes.empty(),
                        List.of(links).stream()
                                .map(link -> LinkData.create(context(link)))
                                .toList())
                .getDecision();
    }

    private static SpanContext context(String traceparent) {
        return Traceparent.parse(traceparent);
    }

    @Test
    void whatBeginsATraceIsSampledAsTheWishThatItLinksTo() {
        assertThat(decision(Sampler.alwaysOff(), Context.root(), SAMPLED))
                .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
        assertThat(decision(Sampler.alwaysOff(), Context.root(), UNSAMPLED)).isEqualTo(SamplingDecision.DROP);
    }

    @Test
    void everythingElseIsTheConfiguredSamplersMatter() {
        Context parent = Traceparent.context(Map.of(Traceparent.HEADER, UNSAMPLED));
        assertThat(decision(Sampler.alwaysOff(), Context.root())).isEqualTo(SamplingDecision.DROP);
        assertThat(decision(Sampler.parentBased(Sampler.alwaysOn()), Context.root()))
                .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
        assertThat(decision(Sampler.parentBased(Sampler.alwaysOn()), parent, SAMPLED))
                .isEqualTo(SamplingDecision.DROP);
    }

    @Test
    void whatIsNoTraceparentNamesNothing() {
        for (String wrong : List.of("", "00-0-0-01", SAMPLED.replace('0', 'x'), "ff" + SAMPLED.substring(2))) {
            assertThat(context(wrong).isValid()).as(wrong).isFalse();
        }
    }
}
