package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.Problem;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiRequestTest {

    private static final Set<String> CHECKPOINTS = Set.of("base", "interpolated");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a\"} | {\"prompt\":\"a\"}",
                "{\"prompt\": \"a\", \"n\": 2, \"size\": \"256x128\"} |"
                        + " {\"prompt\":\"a\",\"num_images_per_prompt\":2,\"width\":256,\"height\":128}",
                "{\"prompt\": \"a\", \"model\": \"base\"} | {\"prompt\":\"a\",\"prior\":\"base\"}",
                "{\"prompt\": \"a\", \"model\": \"dall-e-3\", \"quality\": \"hd\", \"style\": \"vivid\"} | {\"prompt\":\"a\"}",
                "{\"prompt\": \"a\", \"n\": null, \"size\": null, \"model\": null, \"user\": null} | {\"prompt\":\"a\"}",
                "{\"prompt\": \"a\", \"size\": \"auto\"} | {\"prompt\":\"a\"}",
                "{\"prompt\": 7, \"n\": 1.5} | {\"prompt\":7,\"num_images_per_prompt\":1.5}",
                "{} | {}",
                "[] | []",
                "{\"prompt\": \"a\", \"prompt\": \"b\"} | {\"prompt\": \"a\", \"prompt\": \"b\"}",
            })
    void theFieldsHaveOurNamesAndTheirValuesAreJudgedElsewhere(String sent, String said) {
        OpenAiRequest request = OpenAiRequest.of(sent.getBytes(UTF_8), CHECKPOINTS);
        assertThat(new String(request.body(), UTF_8)).isEqualTo(said);
        assertThat(request.inline()).isFalse();
    }

    @Test
    void imagesComeInTheAnswerWhenThatIsAsked() {
        assertThat(OpenAiRequest.of("{\"response_format\": \"b64_json\"}".getBytes(UTF_8), CHECKPOINTS)
                        .inline())
                .isTrue();
    }

    @Test
    void whatOurRulesDoNotKnowIsRefusedHere() {
        String wrong = """
                {"prompt": "a", "size": "big", "response_format": "gif", "style": 1, "model": 3, "seed": 1}""";
        RefusedException refused = catchThrowableOfType(
                RefusedException.class, () -> OpenAiRequest.of(wrong.getBytes(UTF_8), CHECKPOINTS));
        assertThat(refused.code()).isEqualTo(HttpError.INVALID_REQUEST);
        assertThat(refused.problems())
                .extracting(Problem::field)
                .containsExactlyInAnyOrder("model", "size", "response_format", "style", "seed");
    }
}
