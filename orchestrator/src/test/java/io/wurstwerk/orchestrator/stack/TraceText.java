package io.wurstwerk.orchestrator.stack;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A trace as people read it: the tree, in the order of time. */
public final class TraceText {
    private static final String OWN = "wurstwerk.";

    private TraceText() {}

    /**
     * Renders the spans of one trace.
     *
     * @param links what span ids are called where they are linked to
     * @param timed whether each span has its beginning and length, in milliseconds
     */
    public static String of(List<Span> spans, Map<String, String> links, boolean timed) {
        var text = new StringBuilder();
        List<ByteString> ids = spans.stream().map(Span::getSpanId).toList();
        long begin = spans.stream().mapToLong(Span::getStartTimeUnixNano).min().orElse(0);
        spans.stream()
                .filter(span -> !ids.contains(span.getParentSpanId()))
                .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano))
                .forEach(root -> add(text, spans, root, links, timed ? begin : -1, ""));
        return text.toString();
    }

    private static void add(
            StringBuilder text, List<Span> spans, Span span, Map<String, String> links, long begin, String indent) {
        text.append(indent).append(span.getName());
        if (span.getKind() != Span.SpanKind.SPAN_KIND_INTERNAL) {
            text.append(" (")
                    .append(span.getKind()
                            .name()
                            .substring("SPAN_KIND_".length())
                            .toLowerCase(Locale.ROOT))
                    .append(')');
        }
        own(span)
                .forEach((name, value) ->
                        text.append(' ').append(name).append('=').append(value));
        if (span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR) {
            text.append(" !").append(span.getStatus().getMessage());
        }
        for (Span.Link link : span.getLinksList()) {
            String id = hex(link.getSpanId());
            text.append(" -> ").append(links.getOrDefault(id, id));
        }
        for (Span.Event event : span.getEventsList()) {
            text.append(" [").append(event.getName()).append(']');
        }
        if (begin >= 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %.1f +%.1f ms",
                    (span.getStartTimeUnixNano() - begin) / 1e6,
                    (span.getEndTimeUnixNano() - span.getStartTimeUnixNano()) / 1e6));
        }
        text.append('\n');
        spans.stream()
                .filter(child -> child.getParentSpanId().equals(span.getSpanId()))
                .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano))
                .forEach(child -> add(text, spans, child, links, begin, indent + "  "));
    }

    private static Map<String, String> own(Span span) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().startsWith(OWN)
                        && !attribute.getKey().equals("wurstwerk.job.id"))
                .collect(Collectors.toMap(
                        attribute -> attribute.getKey().substring(OWN.length()),
                        TraceText::value,
                        (a, _) -> a,
                        TreeMap::new));
    }

    public static String value(KeyValue attribute) {
        return attribute.getValue().hasIntValue()
                ? Long.toString(attribute.getValue().getIntValue())
                : attribute.getValue().getStringValue();
    }

    public static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }
}
