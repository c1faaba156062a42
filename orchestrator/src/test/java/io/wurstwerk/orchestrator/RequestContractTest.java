package io.wurstwerk.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.orchestrator.PoisonTest.Poison;
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.Intake;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The request's schema and the request's rules. The schema refuses nothing that is taken; where it cannot say a rule, the
 * case stands in a list here.
 */
class RequestContractTest {

    private static final Catalog CATALOG = new Catalog(List.of(
            new Checkpoint("base", 8.0, "blurry", new ImageSize(1024, 1024), 128, 1536, 128, List.of()),
            new Checkpoint(
                    "interpolated",
                    4.0,
                    "",
                    new ImageSize(512, 512),
                    128,
                    1536,
                    128,
                    List.of(SizeRange.parse("128x128-512x1536")))));
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);

    private static final String PROMOTE = "\"promote\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"";

    private final Intake intake = new Intake(() -> CATALOG, Duration.ofHours(24), CLOCK);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"prompt\": \"a\"",
                "\"prompt\": \"a\", \"negative_prompt\": \"\"",
                "\"prompt\": \"a\", \"width\": 128, \"height\": 1536",
                "\"prompt\": \"a\", \"prior\": \"base\"",
                "\"prompt\": \"a\", \"prior_num_inference_steps\": 1, \"num_inference_steps\": 200",
                "\"prompt\": \"a\", \"prior_num_inference_steps\": 200, \"decoder_timesteps\": [1, 0.5, 0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [0.001, 0], \"num_inference_steps\": 1",
                "\"prompt\": \"a\", \"prior_timesteps\": [1, 0.5, 0.0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [1, 0e0]",
                "\"prompt\": \"a\", \"prior_guidance_scale\": 0, \"decoder_guidance_scale\": 30",
                "\"prompt\": \"a\", \"prior_guidance_scale\": 29.999, \"decoder_guidance_scale\": 3e1",
                "\"prompt\": \"a\", \"num_images_per_prompt\": 8",
                "\"prompt\": \"a\", \"seed\": -9223372036854775808",
                "\"prompt\": \"a\", \"seed\": 18446744073709551615",
                "\"prompt\": \"a\", \"seed\": \"-9223372036854775808\"",
                "\"prompt\": \"a\", \"seed\": \"18446744073709551615\"",
                "\"prompt\": \"a\", \"seed\": \"007\"",
                "\"prompt\": \"a\", \"output_format\": \"png\", \"metadata\": \"none\"",
                "\"prompt\": \"a\", \"output_format\": \"jpeg\", \"output_quality\": 1, \"metadata\": \"full\"",
                "\"prompt\": \"a\", \"output_format\": \"webp\", \"output_quality\": 100",
                "\"prompt\": \"a\", \"metadata\": \"parameters\"",
                "\"prompt\": \"a\", \"draft\": true",
                "\"prompt\": \"a\", \"draft\": false",
                PROMOTE,
                PROMOTE + ", \"num_images_per_prompt\": 2, \"priority\": \"low\"",
                PROMOTE + ", \"num_inference_steps\": 5, \"decoder_guidance_scale\": 2",
                PROMOTE + ", \"decoder_timesteps\": [1, 0], \"output_format\": \"jpeg\", \"output_quality\": 5",
                PROMOTE + ", \"metadata\": \"full\", \"deadline\": \"2030-01-31T12:00:00Z\"",
                "\"prompt\": \"a\", \"priority\": \"high\"",
                "\"prompt\": \"a\", \"priority\": \"low\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-01-31T12:00:00Z\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-01-31t12:00:00.123456789+05:30\"",
            })
    void whatIsTakenFits(String fields) throws IOException {
        assertThat(taken("{" + fields + "}")).isTrue();
        assertThat(problems("{" + fields + "}")).isEmpty();
    }

    @Test
    void theLongestListAndTheLongestPromptsFit() throws IOException {
        String fox = "🦊".repeat(2000);
        String steps = IntStream.rangeClosed(0, 200)
                .mapToObj(i -> Double.toString((200 - i) / 200.0))
                .collect(Collectors.joining(","));
        String body = "{\"prompt\": \"" + fox + "\", \"negative_prompt\": \"" + fox + "\", \"prior_timesteps\": ["
                + steps + "]}";
        assertThat(taken(body)).isTrue();
        assertThat(problems(body)).isEmpty();
        for (String wrong : List.of(
                body.replace("\"negative_prompt\": \"", "\"negative_prompt\": \"a"),
                body.replace("\"prompt\": \"🦊", "\"prompt\": \"a🦊"),
                body.replace("[", "[0.9999999,"))) {
            assertThat(taken(wrong)).isFalse();
            assertThat(problems(wrong)).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"prompt\": \"\"",
                "\"prompt\": null",
                "\"prompt\": [\"a\"]",
                "\"prompt\": \"a\", \"negative_prompt\": null",
                "\"prompt\": \"a\", \"width\": 0",
                "\"prompt\": \"a\", \"width\": -128",
                "\"prompt\": \"a\", \"height\": \"128\"",
                "\"prompt\": \"a\", \"height\": 128.5",
                "\"prompt\": \"a\", \"height\": 100000000000000000000",
                "\"prompt\": \"a\", \"prior\": 5",
                "\"prompt\": \"a\", \"prior\": \"\"",
                "\"prompt\": \"a\", \"prior_num_inference_steps\": 0",
                "\"prompt\": \"a\", \"prior_num_inference_steps\": 201",
                "\"prompt\": \"a\", \"num_inference_steps\": 1.5",
                "\"prompt\": \"a\", \"prior_num_inference_steps\": 3, \"prior_timesteps\": [1, 0]",
                "\"prompt\": \"a\", \"num_inference_steps\": 3, \"decoder_timesteps\": [1, 0]",
                "\"prompt\": \"a\", \"num_inference_steps\": 3, \"decoder_timesteps\": null",
                "\"prompt\": \"a\", \"prior_timesteps\": [0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [2, 0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [1, -0.5, 0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [1, 1, 0]",
                "\"prompt\": \"a\", \"prior_timesteps\": [1, 0.5]",
                "\"prompt\": \"a\", \"prior_timesteps\": [0, 0]",
                "\"prompt\": \"a\", \"decoder_timesteps\": [\"1\", 0]",
                "\"prompt\": \"a\", \"decoder_timesteps\": 12",
                "\"prompt\": \"a\", \"prior_guidance_scale\": 30.1",
                "\"prompt\": \"a\", \"prior_guidance_scale\": true",
                "\"prompt\": \"a\", \"decoder_guidance_scale\": -1",
                "\"prompt\": \"a\", \"num_images_per_prompt\": 0",
                "\"prompt\": \"a\", \"num_images_per_prompt\": 9",
                "\"prompt\": \"a\", \"seed\": 18446744073709551616",
                "\"prompt\": \"a\", \"seed\": -9223372036854775809",
                "\"prompt\": \"a\", \"seed\": \"0x10\"",
                "\"prompt\": \"a\", \"seed\": \"\"",
                "\"prompt\": \"a\", \"seed\": \"5 \"",
                "\"prompt\": \"a\", \"seed\": \"123456789012345678901\"",
                "\"prompt\": \"a\", \"seed\": 1.5",
                "\"prompt\": \"a\", \"output_format\": \"gif\"",
                "\"prompt\": \"a\", \"output_quality\": 90",
                "\"prompt\": \"a\", \"output_format\": \"jpeg\", \"output_quality\": 0",
                "\"prompt\": \"a\", \"metadata\": \"prompt\"",
                "\"prompt\": \"a\", \"draft\": 1",
                "\"prompt\": \"a\", \"draft\": \"true\"",
                "\"promote\": \"none\"",
                "\"promote\": null",
                "\"promote\": 5",
                PROMOTE + ", \"draft\": false",
                PROMOTE + ", \"prompt\": \"a\"",
                PROMOTE + ", \"negative_prompt\": \"\"",
                PROMOTE + ", \"width\": 128",
                PROMOTE + ", \"height\": 128",
                PROMOTE + ", \"prior\": \"base\"",
                PROMOTE + ", \"prior_num_inference_steps\": 5",
                PROMOTE + ", \"prior_timesteps\": [1, 0]",
                PROMOTE + ", \"prior_guidance_scale\": 4",
                PROMOTE + ", \"seed\": 1",
                PROMOTE + ", \"output_quality\": 90",
                "\"prompt\": \"a\", \"priority\": \"urgent\"",
                "\"prompt\": \"a\", \"deadline\": \"tomorrow\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-01-31T12:00Z\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-01-31T12:00:00\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-01-31T12:00:00+01\"",
                "\"prompt\": \"a\", \"deadline\": \"2030-02-30T12:00:00Z\"",
                "\"prompt\": \"a\", \"deadline\": \"+999999999-01-01T00:00:00Z\"",
                "\"prompt\": \"a\", \"deadline\": 1893499200",
                "\"prompt\": \"a\", \"sampler\": \"ddim\"",
            })
    void whatIsRefusedDoesNotFit(String fields) throws IOException {
        assertThat(taken("{" + fields + "}")).isFalse();
        assertThat(problems("{" + fields + "}")).isNotEmpty();
    }

    /** What the schema cannot say, or says of no installation in particular. Nothing else may come in here unseen. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"prompt\": \"\\ud800\"",
                "\"prompt\": \"a\", \"prior\": \"other\"",
                "\"prompt\": \"a\", \"width\": 500",
                "\"prompt\": \"a\", \"width\": 2048",
                "\"prompt\": \"a\", \"width\": 1024, \"height\": 1536",
                "\"prompt\": \"a\", \"width\": 256.0",
                "\"prompt\": \"a\", \"num_images_per_prompt\": 2e0",
                "\"prompt\": \"a\", \"seed\": 1.0",
                "\"prompt\": \"a\", \"output_format\": \"png\", \"output_quality\": 90",
                "\"prompt\": \"a\", \"seed\": \"18446744073709551616\"",
                "\"prompt\": \"a\", \"prior_timesteps\": [0.5, 0, 1]",
                "\"prompt\": \"a\", \"prior_timesteps\": [0.5000000000001, 0.5, 0]",
            })
    void whatTheSchemaCannotSayFitsAndIsRefused(String fields) throws IOException {
        assertThat(taken("{" + fields + "}")).isFalse();
        assertThat(problems("{" + fields + "}")).isEmpty();
    }

    @Test
    void poisonIsRefusedByTheSchemaTooWhereItCanSayWhy() throws IOException {
        var fitting = new TreeSet<String>();
        for (Poison poison : PoisonTest.poisons().toList()) {
            boolean judged = poison.code().equals("completed") || poison.code().equals("invalid_request");
            if (judged && poison.headers().isEmpty()) {
                String body = new String(poison.body(), UTF_8);
                assertThat(taken(body))
                        .as(poison.name())
                        .isEqualTo(poison.code().equals("completed"));
                if (problems(body).isEmpty()) {
                    fitting.add(poison.name() + " is " + poison.code());
                }
            }
        }
        assertThat(fitting)
                .containsExactlyInAnyOrder(
                        "bidi is completed",
                        "escaped controls is completed",
                        "noncharacters is completed",
                        "two thousand combining marks is completed",
                        "an address is completed",
                        "prompt \"\\ud800\" is invalid_request",
                        "prompt \"\\udc00\\ud800\" is invalid_request",
                        "with \"prior\":\"../../etc/passwd\" is invalid_request",
                        "width 127 is invalid_request");
    }

    private boolean taken(String body) {
        return take(body) instanceof Submission.Ordered;
    }

    private Submission take(String body) {
        return intake.take(new ConsumerRecord<>("wurstwerk.prompts", 0, 0, null, body.getBytes(UTF_8)));
    }

    private static List<String> problems(String body) throws IOException {
        JsonNode node = Schemas.JSON.readTree(body);
        return Schemas.problems(Document.REQUEST, node);
    }
}
