package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** An answer of the HTTP API that is none of those asked for, or the lack of one. */
final class ApiException extends IOException {
    private static final long serialVersionUID = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String code;
    private final JsonNode problems;

    /** @param problems the wrong fields, as in a problem document; an empty array when there are none */
    ApiException(String code, String message, JsonNode problems) {
        super(message);
        this.code = code;
        this.problems = problems;
    }

    ApiException(String code, String message) {
        this(code, message, JSON.createArrayNode());
    }

    /** From the catalogue of errors, or of this program. */
    String code() {
        return code;
    }

    /** The message, and a line for every wrong field. */
    String reason() {
        StringBuilder reason = new StringBuilder(getMessage());
        for (JsonNode problem : problems) {
            reason.append("\n  ")
                    .append(problem.path("field").asText())
                    .append(": ")
                    .append(problem.path("message").asText());
        }
        return reason.toString();
    }

    ObjectNode json() {
        ObjectNode object = JSON.createObjectNode();
        object.putObject("error").put("code", code).put("message", getMessage());
        if (!problems.isEmpty()) {
            object.set("problems", problems);
        }
        return object;
    }
}
