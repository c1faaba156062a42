package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Kafka record as a CloudEvent in binary or structured mode, or as bare JSON with the record's place as its
 * identity. Never throws: what cannot be read becomes {@link PromptEvent.Illegible}.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding for CloudEvents</a>
 */
final class PromptEventReader {

    static final String TYPE = "io.wurstwerk.image.requested.v1";
    static final int MOST_BYTES = 64 * 1024;

    static final String STRUCTURED = "application/cloudevents+json";
    private static final int LONGEST_IDENTITY = 1024;
    private static final int LONGEST_TENANT = 128;
    private static final int MOST_HEADERS = 100;
    private static final int MOST_HEADER_BYTES = 16 * 1024;
    private static final Rejection NOT_A_CLOUD_EVENT = Rejection.unreadable("the event is not a valid CloudEvent: "
            + "specversion, id, source and type are required, in ce_ headers or in a structured body");

    private final JsonFormat structured = new JsonFormat();

    PromptEvent read(ConsumerRecord<byte[], byte[]> record) {
        Origin place = Origin.ofRecord(record.topic(), record.partition(), record.offset());
        Rejection tooMuch = headersTooLarge(record.headers());
        if (tooMuch != null) {
            return new PromptEvent.Illegible(place, tooMuch);
        }
        String contentType = header(record, "content-type");
        if (contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(STRUCTURED)) {
            return structured(place, record);
        }
        if (hasAttributes(record)) {
            return binary(place, record);
        }
        return body(place, record, List.of(), null);
    }

    private static @Nullable Rejection headersTooLarge(Headers headers) {
        int count = 0;
        long bytes = 0;
        for (Header header : headers) {
            count++;
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        if (count <= MOST_HEADERS && bytes <= MOST_HEADER_BYTES) {
            return null;
        }
        return new Rejection(
                Rejection.Code.TOO_LARGE,
                "the event has " + count + " headers of " + bytes + " bytes; at most " + MOST_HEADERS + " of "
                        + MOST_HEADER_BYTES + " bytes together are read",
                List.of());
    }

    private PromptEvent binary(Origin place, ConsumerRecord<byte[], byte[]> record) {
        CloudEvent event;
        try {
            event = KafkaMessageFactory.createReader(record.headers(), record.value())
                    .toEvent();
        } catch (RuntimeException unreadable) {
            return new PromptEvent.Illegible(place, NOT_A_CLOUD_EVENT);
        }
        var attributes = new Attributes(event, place);
        return body(attributes.origin, record, attributes.problems, attributes.expiry);
    }

    private PromptEvent structured(Origin place, ConsumerRecord<byte[], byte[]> record) {
        PromptEvent envelope = body(place, record, List.of(), null);
        if (!(envelope instanceof PromptEvent.Legible readable)) {
            return envelope;
        }
        CloudEvent event;
        try {
            event = structured.deserialize(record.value());
        } catch (RuntimeException unreadable) {
            return new PromptEvent.Illegible(place, NOT_A_CLOUD_EVENT);
        }
        var attributes = new Attributes(event, place);
        try {
            return new PromptEvent.Legible(
                    attributes.origin, data(readable.body()), attributes.problems, attributes.expiry);
        } catch (UnreadableException unreadable) {
            return new PromptEvent.Illegible(attributes.origin, Rejection.unreadable(message(unreadable)));
        }
    }

    private static PromptEvent body(
            Origin origin, ConsumerRecord<byte[], byte[]> record, List<Problem> problems, @Nullable Instant expiry) {
        return body(origin, record.value(), problems, expiry);
    }

    /** What a bare body of this origin says. */
    static PromptEvent body(Origin origin, byte[] value) {
        return body(origin, value, List.of(), null);
    }

    private static PromptEvent body(
            Origin origin, byte @Nullable [] value, List<Problem> problems, @Nullable Instant expiry) {
        if (value == null) {
            return new PromptEvent.Illegible(origin, Rejection.unreadable("the event has no body"));
        }
        if (value.length > MOST_BYTES) {
            return new PromptEvent.Illegible(
                    origin,
                    new Rejection(
                            Rejection.Code.TOO_LARGE,
                            "the body has " + value.length + " bytes; at most " + MOST_BYTES + " are read",
                            List.of()));
        }
        try {
            return new PromptEvent.Legible(origin, StrictJson.object(value), problems, expiry);
        } catch (UnreadableException unreadable) {
            return new PromptEvent.Illegible(origin, Rejection.unreadable(message(unreadable)));
        }
    }

    /** The data as it stands in the strictly read envelope: the CloudEvents reader would keep one of two duplicates. */
    private static ObjectNode data(ObjectNode envelope) throws UnreadableException {
        JsonNode data = envelope.get("data");
        if (data instanceof ObjectNode object) {
            return object;
        }
        JsonNode encoded = envelope.get("data_base64");
        if (data == null && encoded != null && encoded.isTextual()) {
            try {
                return StrictJson.object(Base64.getDecoder().decode(encoded.textValue()));
            } catch (IllegalArgumentException malformed) {
                throw new UnreadableException("data_base64 is not Base64");
            }
        }
        throw new UnreadableException("the event's data is not a JSON object");
    }

    private static boolean hasAttributes(ConsumerRecord<byte[], byte[]> record) {
        for (Header header : record.headers()) {
            if (header.key().toLowerCase(Locale.ROOT).startsWith("ce_")) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
        for (Header header : record.headers()) {
            if (header.key().equalsIgnoreCase(name) && header.value() != null) {
                return new String(header.value(), UTF_8);
            }
        }
        return null;
    }

    private static String message(UnreadableException unreadable) {
        return String.valueOf(unreadable.getMessage());
    }

    /** The attributes that matter here, with what is wrong about them. */
    private static final class Attributes {

        final List<Problem> problems = new ArrayList<>();
        final Origin origin;
        final @Nullable Instant expiry;

        Attributes(CloudEvent event, Origin place) {
            if (!TYPE.equals(event.getType())) {
                problems.add(new Problem("ce_type", "must be " + TYPE));
            }
            String contentType = event.getDataContentType();
            if (contentType != null && !json(contentType)) {
                problems.add(new Problem("datacontenttype", "must be application/json"));
            }
            origin = origin(event, place);
            expiry = expiry(event);
        }

        private Origin origin(CloudEvent event, Origin place) {
            String tenant = Origin.DEFAULT_TENANT;
            Object named = event.getExtension("tenantid");
            if (named != null) {
                tenant = named.toString();
                if (tenant.isEmpty()
                        || tenant.length() > LONGEST_TENANT
                        || tenant.chars().anyMatch(c -> c < 0x21 || c > 0x7e)) {
                    problems.add(new Problem(
                            "ce_tenantid", "must have 1 to " + LONGEST_TENANT + " visible ASCII characters"));
                    tenant = place.tenant();
                }
            }
            String source = event.getSource().toString();
            if (event.getId().length() > LONGEST_IDENTITY || source.length() > LONGEST_IDENTITY) {
                problems.add(new Problem(
                        event.getId().length() > LONGEST_IDENTITY ? "ce_id" : "ce_source",
                        "must have at most " + LONGEST_IDENTITY + " characters"));
                return new Origin(tenant, place.source(), place.id());
            }
            return new Origin(tenant, source, event.getId());
        }

        private @Nullable Instant expiry(CloudEvent event) {
            Object value = event.getExtension("expirytime");
            if (value == null) {
                return null;
            }
            try {
                return RequestFields.rfc3339(value.toString());
            } catch (DateTimeException malformed) {
                problems.add(new Problem("ce_expirytime", RequestFields.TIME_RULE));
                return null;
            }
        }

        private static boolean json(String contentType) {
            String type = contentType.toLowerCase(Locale.ROOT).split(";", 2)[0].strip();
            return type.equals("application/json") || type.equals("text/json") || type.endsWith("+json");
        }
    }
}
