package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The event that asks for the images: what any other program would publish, too. */
record PromptEvent(String id, String source, ObjectNode body) {
    static final String TOPIC = "wurstwerk.prompts";

    /** A wish that was never made before, even if its body was. */
    static PromptEvent of(ObjectNode body) {
        return new PromptEvent(UUID.randomUUID().toString(), "/wurstwerk/command-line", body);
    }

    ProducerRecord<byte[], byte[]> toRecord() {
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(TOPIC, bytes(id), body.toString().getBytes(StandardCharsets.UTF_8));
        message.headers()
                .add("ce_specversion", bytes("1.0"))
                .add("ce_id", bytes(id))
                .add("ce_source", bytes(source))
                .add("ce_type", bytes("io.wurstwerk.image.requested.v1"))
                .add("ce_time", bytes(Instant.now().toString()))
                .add("content-type", bytes("application/json"));
        return message;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
