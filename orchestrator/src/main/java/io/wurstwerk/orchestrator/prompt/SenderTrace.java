package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.trace.Traceparent;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Finds a sender's trace: in the record's W3C headers, else in the attributes of CloudEvents' distributed tracing
 * extension, in binary or structured mode.
 */
final class SenderTrace {
    private static final List<String> NAMES = List.of(Traceparent.HEADER, "tracestate");
    private static final int LONGEST = 512;

    private SenderTrace() {}

    /** W3C headers; empty where the record has none. What they say is for others to judge. */
    static Map<String, String> of(ConsumerRecord<byte[], byte[]> record) {
        for (String prefix : List.of("", "ce_")) {
            Map<String, String> found = headers(record, prefix);
            if (found.containsKey(Traceparent.HEADER)) {
                return found;
            }
        }
        Map<String, String> attributes = new HashMap<>();
        structured(record, attributes);
        return attributes;
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record, String prefix) {
        Map<String, String> found = new HashMap<>();
        for (String name : NAMES) {
            Header header = record.headers().lastHeader(prefix + name);
            if (header != null && header.value() != null && header.value().length <= LONGEST) {
                found.put(name, new String(header.value(), UTF_8));
            }
        }
        return found;
    }

    private static void structured(ConsumerRecord<byte[], byte[]> record, Map<String, String> found) {
        Header type = record.headers().lastHeader("content-type");
        if (type == null
                || type.value() == null
                || !new String(type.value(), UTF_8).toLowerCase(Locale.ROOT).startsWith(PromptEventReader.STRUCTURED)
                || record.value() == null
                || record.value().length > PromptEventReader.MOST_BYTES) {
            return;
        }
        try {
            var envelope = StrictJson.object(record.value());
            for (String name : NAMES) {
                String value = envelope.path(name).asText("");
                if (!value.isEmpty() && value.length() <= LONGEST) {
                    found.put(name, value);
                }
            }
        } catch (UnreadableException unreadable) {
            // It is refused for that; its trace begins here.
            found.clear();
        }
    }
}
