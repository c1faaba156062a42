package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The event that asks for the images: what any other program would publish, too. */
record PromptEvent(String id, String source, ObjectNode body) {
    static final String TOPIC = "wurstwerk.prompts";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The fields that the user gave; the rest is left to the orchestrator's defaults. */
    static PromptEvent of(GenerateCommand command, BigInteger seed) {
        ObjectNode body = JSON.createObjectNode();
        body.put("prompt", command.prompt);
        body.put("seed", seed);
        body.put("num_images_per_prompt", command.images);
        body.put("num_inference_steps", command.decoderSteps);
        body.put("decoder_guidance_scale", command.decoderGuidanceScale);
        if (command.negativePrompt != null) {
            body.put("negative_prompt", command.negativePrompt);
        }
        if (command.width != null) {
            body.put("width", command.width);
        }
        if (command.height != null) {
            body.put("height", command.height);
        }
        if (command.prior != null) {
            body.put("prior", command.prior);
        }
        if (command.priorGuidanceScale != null) {
            body.put("prior_guidance_scale", command.priorGuidanceScale);
        }
        if (command.steps != null) {
            body.put("prior_num_inference_steps", command.steps);
        }
        command.format().ifPresent(format -> body.put("output_format", format));
        if (command.outputQuality != null) {
            body.put("output_quality", command.outputQuality);
        }
        if (command.metadata != null) {
            body.put("metadata", command.metadata);
        }
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
