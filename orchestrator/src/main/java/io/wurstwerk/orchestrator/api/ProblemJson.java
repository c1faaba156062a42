package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.contract.ErrorCatalogue;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Refusals as they are told: RFC 9457, or in OpenAI's shape where its clients ask. */
final class ProblemJson {

    static final String MEDIA_TYPE = "application/problem+json";

    /** OpenAI's names for the fields that intake names otherwise. */
    private static final Map<String, String> OPENAI_FIELDS =
            Map.of("num_images_per_prompt", "n", "width", "size", "height", "size", "prior", "model");

    private static final ErrorCatalogue TITLES = ErrorCatalogue.load();

    private ProblemJson() {}

    static ObjectNode of(RefusedException refused) {
        HttpError code = refused.code();
        ObjectNode root = JsonNodeFactory.instance
                .objectNode()
                .put("type", "/contract/errors#" + code.wire())
                .put("title", TITLES.of(code.wire()).title())
                .put("status", code.status())
                .put("detail", refused.detail())
                .put("code", code.wire());
        if (!refused.problems().isEmpty()) {
            ArrayNode problems = root.putArray("problems");
            for (Problem problem : refused.problems()) {
                problems.addObject().put("field", problem.field()).put("message", problem.message());
            }
        }
        return root;
    }

    static ObjectNode forOpenAi(RefusedException refused) {
        List<Problem> problems = refused.problems();
        String field =
                problems.isEmpty() ? null : openAiField(problems.getFirst().field());
        String message = problems.isEmpty()
                ? refused.detail()
                : openAiField(problems.getFirst().field()) + " "
                        + problems.getFirst().message();
        return openAi(
                message,
                openAiType(refused.code().status()),
                field,
                refused.code().wire());
    }

    static ObjectNode openAi(String message, String type, @Nullable String param, String code) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return root;
    }

    private static String openAiField(String field) {
        return OPENAI_FIELDS.getOrDefault(field, field);
    }

    private static String openAiType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }
}
