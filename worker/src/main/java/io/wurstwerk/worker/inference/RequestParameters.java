package io.wurstwerk.worker.inference;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.InferParameter.ParameterChoiceCase;

/** The types that request parameters must have; their values change nothing here. */
final class RequestParameters {
    private static final String EMPTY_FINAL_RESPONSE = "triton_enable_empty_final_response";

    private RequestParameters() {}

    static void check(String key, InferParameter value) throws InferenceException {
        ParameterChoiceCase type = value.getParameterChoiceCase();
        boolean bool = type == ParameterChoiceCase.BOOL_PARAM;
        boolean integer = type == ParameterChoiceCase.INT64_PARAM;
        boolean string = type == ParameterChoiceCase.STRING_PARAM;
        switch (key) {
            case "sequence_id" -> require(integer || string, key, "int64_param or string_param");
            case "sequence_start", "sequence_end", EMPTY_FINAL_RESPONSE -> require(bool, key, "bool_param");
            case "timeout" -> require(integer, key, "int64_param");
            case "priority" -> {
                require(integer || type == ParameterChoiceCase.UINT64_PARAM, key, "int64_param or uint64_param");
                if (integer && value.getInt64Param() < 0) {
                    throw invalid("invalid value for 'priority', expected value >= 0.");
                }
            }
            default -> {
                if (key.startsWith("triton_")) {
                    throw invalid("parameter keys starting with 'triton_' are reserved for Triton usage. Only the"
                            + " following keys starting with 'triton_' are allowed: " + EMPTY_FINAL_RESPONSE);
                }
                boolean custom = bool || integer || string || type == ParameterChoiceCase.DOUBLE_PARAM;
                require(custom, key, "int64_param, bool_param, or string_param");
            }
        }
    }

    private static void require(boolean fits, String key, String expected) throws InferenceException {
        if (!fits) {
            throw invalid("invalid value type for '" + key + "' parameter, expected " + expected + ".");
        }
    }
}
