package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.prompt.RequestLimits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request in OpenAI's words, said in ours. Whether the values are right is judged by the same rules as every request's;
 * here only what those rules do not know is checked.
 *
 * @param body the request as a prompt event holds it
 * @param inline whether the images are wanted in the answer, and not their URLs
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record OpenAiRequest(byte[] body, boolean inline) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final Set<String> FIELDS =
            Set.of("prompt", "model", "n", "size", "response_format", "quality", "style", "user");
    private static final Set<String> IGNORED = Set.of("quality", "style", "user");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");
    private static final int LONGEST_IGNORED = 1024;
    private static final int MOST_UNKNOWN_NAMED = 20;

    /**
     * @param checkpoints names that a model may have; another model means the default one
     * @throws RefusedException when it cannot be said in our words
     */
    static OpenAiRequest of(byte[] sent, Set<String> checkpoints) {
        ObjectNode asked;
        try {
            if (!(MAPPER.readTree(sent) instanceof ObjectNode object)) {
                return new OpenAiRequest(sent, false);
            }
            asked = object;
        } catch (IOException unreadable) {
            // The rules of every request say what is wrong with it.
            return new OpenAiRequest(sent, false);
        }
        if (sent.length > RequestLimits.current().bodyBytes()) {
            return new OpenAiRequest(sent, false);
        }
        asked.properties()
                .removeIf(field -> field.getValue().isNull() && !field.getKey().equals("prompt"));
        List<Problem> problems = new ArrayList<>();
        ObjectNode request = MAPPER.createObjectNode();
        if (asked.has("prompt")) {
            request.set("prompt", asked.get("prompt"));
        }
        if (asked.has("n")) {
            request.set("num_images_per_prompt", asked.get("n"));
        }
        model(asked.path("model"), checkpoints, request, problems);
        size(asked.path("size"), request, problems);
        boolean inline = inline(asked.path("response_format"), problems);
        for (String field : IGNORED) {
            JsonNode value = asked.path(field);
            if (!value.isMissingNode()
                    && (!value.isTextual() || value.textValue().length() > LONGEST_IGNORED)) {
                problems.add(new Problem(field, "must be a string of up to " + LONGEST_IGNORED + " characters"));
            }
        }
        asked.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name) && problems.size() < MOST_UNKNOWN_NAMED) {
                problems.add(new Problem(name.substring(0, Math.min(64, name.length())), "is not a field here"));
            }
        });
        if (!problems.isEmpty()) {
            throw RefusedException.invalid(problems);
        }
        return new OpenAiRequest(request.toString().getBytes(UTF_8), inline);
    }

    private static void model(JsonNode model, Set<String> checkpoints, ObjectNode request, List<Problem> problems) {
        if (model.isTextual() && checkpoints.contains(model.textValue())) {
            request.put("prior", model.textValue());
        } else if (!model.isMissingNode() && !model.isTextual()) {
            problems.add(new Problem("model", "must be a string"));
        }
    }

    private static void size(JsonNode size, ObjectNode request, List<Problem> problems) {
        if (size.isMissingNode() || size.asText().equals("auto")) {
            return;
        }
        Matcher sides = SIZE.matcher(size.isTextual() ? size.textValue() : "");
        if (sides.matches()) {
            request.put("width", Integer.parseInt(sides.group(1))).put("height", Integer.parseInt(sides.group(2)));
        } else {
            problems.add(new Problem("size", "must be WIDTHxHEIGHT, such as 256x256, or auto"));
        }
    }

    private static boolean inline(JsonNode format, List<Problem> problems) {
        boolean inline = format.asText().equals("b64_json");
        if (!format.isMissingNode() && !inline && !format.asText().equals("url")) {
            problems.add(new Problem("response_format", "must be url or b64_json"));
        }
        return inline;
    }
}
