package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that become fields of a request. What is not given is left to the orchestrator's defaults. */
final class RequestOptions {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--negative-prompt", paramLabel = "TEXT", description = "what to keep out (default: none)")
    @Nullable
    String negativePrompt;

    @Option(names = "--width", paramLabel = "PIXELS", description = "default: the checkpoint's")
    @Nullable
    Integer width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "default: the checkpoint's")
    @Nullable
    Integer height;

    @Option(names = "--seed", paramLabel = "N", description = "a 64-bit integer (default: drawn at random)")
    @Nullable
    BigInteger seed;

    @Option(names = "--images", paramLabel = "N", description = "how many, seeds N, N+1, ... (default: 1)")
    @Nullable
    Integer images;

    @Option(names = "--prior", paramLabel = "NAME", description = "the checkpoint (default: interpolated)")
    @Nullable
    String prior;

    @Option(names = "--prior-guidance-scale", paramLabel = "X", description = "default: the checkpoint's")
    @Nullable
    Double priorGuidanceScale;

    @Option(names = "--steps", paramLabel = "N", description = "Stage C steps (default: the default schedule)")
    @Nullable
    Integer steps;

    @Option(names = "--decoder-steps", paramLabel = "N", description = "Stage B steps (default: 12)")
    @Nullable
    Integer decoderSteps;

    @Option(names = "--decoder-guidance-scale", paramLabel = "X", description = "default: 0")
    @Nullable
    Double decoderGuidanceScale;

    @Option(
            names = "--output-format",
            paramLabel = "FORMAT",
            description = "png, jpeg or webp (default: what the name given with -o ends in, else png)")
    @Nullable
    String outputFormat;

    @Option(names = "--output-quality", paramLabel = "N", description = "1 to 100, of a jpeg or webp (default: 90)")
    @Nullable
    Integer outputQuality;

    @Option(
            names = "--metadata",
            paramLabel = "WHICH",
            description = "what the file says about its making: none, parameters, or full with the prompt"
                    + " (default: none)")
    @Nullable
    String metadata;

    @Option(
            names = "--draft",
            description = "stop early with a small picture; generate --promote JOB finishes it within a week")
    boolean draft;

    /** The request to finish a draft with these options. */
    ObjectNode promotion(String job) {
        return JSON.createObjectNode().put("promote", job).setAll(fields());
    }

    /** The request of a prompt with these options. */
    ObjectNode request(String prompt) {
        return JSON.createObjectNode().put("prompt", prompt).setAll(fields());
    }

    /** A request that has these options where it does not say something else itself. */
    ObjectNode under(ObjectNode own) {
        ObjectNode request = fields();
        if (own.has("prior_timesteps")) {
            request.remove("prior_num_inference_steps");
        }
        if (own.has("decoder_timesteps")) {
            request.remove("num_inference_steps");
        }
        if (own.has("output_format")) {
            request.remove("output_quality");
        }
        return request.setAll(own);
    }

    private ObjectNode fields() {
        ObjectNode fields = JSON.createObjectNode();
        if (negativePrompt != null) {
            fields.put("negative_prompt", negativePrompt);
        }
        if (width != null) {
            fields.put("width", width);
        }
        if (height != null) {
            fields.put("height", height);
        }
        if (seed != null) {
            fields.put("seed", seed);
        }
        if (images != null) {
            fields.put("num_images_per_prompt", images);
        }
        if (prior != null) {
            fields.put("prior", prior);
        }
        if (priorGuidanceScale != null) {
            fields.put("prior_guidance_scale", priorGuidanceScale);
        }
        if (steps != null) {
            fields.put("prior_num_inference_steps", steps);
        }
        if (decoderSteps != null) {
            fields.put("num_inference_steps", decoderSteps);
        }
        if (decoderGuidanceScale != null) {
            fields.put("decoder_guidance_scale", decoderGuidanceScale);
        }
        if (outputFormat != null) {
            fields.put("output_format", outputFormat);
        }
        if (outputQuality != null) {
            fields.put("output_quality", outputQuality);
        }
        if (metadata != null) {
            fields.put("metadata", metadata);
        }
        if (draft) {
            fields.put("draft", true);
        }
        return fields;
    }
}
