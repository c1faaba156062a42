package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntakeTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Catalog CATALOG = new Catalog(List.of(
            new Checkpoint("base", 8.0, "blurry", new ImageSize(1024, 1024), 128, 1536, 128, List.of()),
            new Checkpoint(
                    "interpolated",
                    4.0,
                    "",
                    new ImageSize(1024, 512),
                    128,
                    1536,
                    128,
                    List.of(SizeRange.parse("128x128-1024x1536")))));

    private final Intake intake = new Intake(() -> CATALOG, Duration.ofHours(24), Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void anAbsentFieldTakesTheDefaultOfTheDefaultCheckpoint() {
        Submission.Ordered submission = ordered(take(Map.of(), "{\"prompt\": \"a fox\"}"));
        assertThat(submission.origin()).isEqualTo(new Origin("default", "kafka:wurstwerk.prompts", "3-41"));
        assertThat(submission.order())
                .isEqualTo(new ImageOrder(
                        "a fox",
                        null,
                        1024,
                        512,
                        "interpolated",
                        new Schedule.Standard(),
                        4.0,
                        new Schedule.Linear(12),
                        0.0,
                        1868273437L,
                        1));
        assertThat(submission.deadline()).isEqualTo(NOW.plus(Duration.ofHours(24)));
    }

    @Test
    void everyFieldIsHeard() {
        ImageOrder order = ordered(take(Map.of(), """
                {"prompt": "a fox", "negative_prompt": "dog", "width": 256, "height": 384, "prior": "base",
                 "prior_timesteps": [1, 0.5, 0], "prior_guidance_scale": 7.5, "num_inference_steps": 3,
                 "decoder_guidance_scale": 2, "num_images_per_prompt": 4, "seed": "18446744073709551615",
                 "output_format": "webp", "output_quality": 75, "metadata": "full", "priority": "normal"}""")).order();
        assertThat(order)
                .isEqualTo(new ImageOrder(
                        "a fox",
                        "dog",
                        256,
                        384,
                        "base",
                        new Schedule.Listed(List.of(1.0, 0.5, 0.0)),
                        7.5,
                        new Schedule.Linear(3),
                        2.0,
                        -1L,
                        4,
                        new OutputFile(OutputFile.Format.WEBP, 75, OutputFile.Metadata.FULL)));
    }

    @Test
    void theFileIsAPngWithNothingInItUnlessAskedForOtherwise() {
        assertThat(ordered(take(Map.of(), "{\"prompt\": \"a fox\"}")).order().output())
                .isEqualTo(new OutputFile(OutputFile.Format.PNG, 90, OutputFile.Metadata.NONE));
        assertThat(ordered(take(Map.of(), "{\"prompt\": \"a fox\", \"output_format\": \"jpeg\"}"))
                        .order()
                        .output())
                .isEqualTo(new OutputFile(OutputFile.Format.JPEG, 90, OutputFile.Metadata.NONE));
    }

    @Test
    void aSubmissionKeepsWhetherItIsADraftOrWhatItPromotes() {
        JobId draft = JobId.of(new Origin("default", "urn:test", "draft"));
        Submission drafted = take(Map.of(), "{\"prompt\": \"a fox\", \"draft\": true}");
        assertThat(ordered(drafted).order().course()).isEqualTo(new Course.Draft());
        assertThat(SubmissionJson.read(SubmissionJson.write(drafted))).isEqualTo(drafted);
        Submission bare = take(Map.of(), "{\"promote\": \"" + draft + "\"}");
        assertThat(ordered(bare).order().course()).isEqualTo(new Course.Promotion(draft, null, null, null, null, null));
        assertThat(SubmissionJson.read(SubmissionJson.write(bare))).isEqualTo(bare);
        Submission changed = take(
                Map.of(),
                "{\"promote\": \"" + draft + "\", \"num_inference_steps\": 5, \"decoder_guidance_scale\": 2,"
                        + " \"output_format\": \"webp\", \"metadata\": \"full\"}");
        assertThat(ordered(changed).order().course())
                .isEqualTo(new Course.Promotion(
                        draft,
                        new Schedule.Linear(5),
                        2.0,
                        OutputFile.Format.WEBP,
                        OutputFile.DEFAULT_QUALITY,
                        OutputFile.Metadata.FULL));
        assertThat(SubmissionJson.read(SubmissionJson.write(changed))).isEqualTo(changed);
    }

    @Test
    void aSubmissionKeepsTheFileAndAnOldOneAsksForThePngOfThen() throws Exception {
        Submission submission = take(
                Map.of(),
                "{\"prompt\": \"a fox\", \"output_format\": \"jpeg\", \"output_quality\": 1,"
                        + " \"metadata\": \"parameters\"}");
        byte[] written = SubmissionJson.write(submission);
        assertThat(SubmissionJson.read(written)).isEqualTo(submission);
        ObjectNode old = (ObjectNode) new ObjectMapper().readTree(written);
        ((ObjectNode) old.get("order")).remove(List.of("output_format", "output_quality", "metadata"));
        Submission read = SubmissionJson.read(old.toString().getBytes(UTF_8));
        assertThat(ordered(read).order().output()).isEqualTo(OutputFile.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "prompt | 7 | must be a string of 1 to 2000 characters",
                "prompt | \"\" | must be a string of 1 to 2000 characters",
                "prompt | \"\\ud800\" | contains half of a surrogate pair, which is no character",
                "negative_prompt | null | must be a string of 0 to 2000 characters",
                "width | 500 | must be a multiple of 128 from 128 to 1536; the nearest valid value is 512",
                "width | 1 | must be a multiple of 128 from 128 to 1536; the nearest valid value is 128",
                "width | -9 | must be a multiple of 128 from 128 to 1536; the nearest valid value is 128",
                "height | 100000000000000000000 | must be a multiple of 128 from 128 to 1536; the nearest valid value is 1536",
                "width | 1152 | makes a size of 1152x512, which this installation does not draw; it draws 128x128-1024x1536; the nearest valid size is 1024x512",
                "height | 256.0 | must be a multiple of 128 from 128 to 1536",
                "height | \"256\" | must be a multiple of 128 from 128 to 1536",
                "prior_num_inference_steps | 0 | must be an integer from 1 to 200",
                "prior_num_inference_steps | 201 | must be an integer from 1 to 200",
                "num_inference_steps | 1.5 | must be an integer from 1 to 200",
                "prior_timesteps | [1, 1, 0] | TIMESTEPS",
                "prior_timesteps | [0.5000000000001, 0.5, 0] | TIMESTEPS",
                "prior_timesteps | [1, 0.5] | TIMESTEPS",
                "prior_timesteps | [0] | TIMESTEPS",
                "prior_timesteps | [2, 0] | TIMESTEPS",
                "decoder_timesteps | [\"1\", 0] | TIMESTEPS",
                "decoder_timesteps | 12 | TIMESTEPS",
                "prior_guidance_scale | 30.1 | must be a number from 0 to 30",
                "prior_guidance_scale | 1e999999999 | must be a number from 0 to 30",
                "decoder_guidance_scale | -1 | must be a number from 0 to 30",
                "num_images_per_prompt | 9 | must be an integer from 1 to 8",
                "seed | 18446744073709551616 | must be a 64-bit integer, as a number or a string",
                "seed | \"0x10\" | must be a 64-bit integer, as a number or a string",
                "seed | 1.0 | must be a 64-bit integer, as a number or a string",
                "prior | \"other\" | must be one of: base, interpolated",
                "output_format | \"gif\" | must be one of: png, jpeg, webp",
                "output_quality | 90 | can only be given with output_format jpeg or webp",
                "output_format\": \"webp\", \"output_quality | 101 | must be an integer from 1 to 100",
                "output_format\": \"jpeg\", \"output_quality | 0 | must be an integer from 1 to 100",
                "metadata | \"prompt\" | must be one of: none, parameters, full",
                "priority | \"urgent\" | must be one of: high, normal, low",
                "deadline | \"tomorrow\" | must be an RFC 3339 time, such as 2030-01-31T12:00:00Z",
                "deadline | \"+999999999-01-01T00:00:00Z\" | must be an RFC 3339 time, such as 2030-01-31T12:00:00Z",
                "sampler | \"ddim\" | is not a field of a request",
            })
    void aWrongValueIsNamedWithWhatWouldBeRight(String field, String value, String message) {
        String rule = message.equals("TIMESTEPS")
                ? "must be a list of 2 to 201 numbers in [0,1], strictly decreasing and ending in 0"
                : message;
        String others = field.equals("prompt") ? "" : ", \"prompt\": \"a fox\"";
        Rejection rejection = refused(take(Map.of(), "{\"" + field + "\": " + value + others + "}"));
        assertThat(rejection.code()).isEqualTo(Rejection.Code.INVALID_REQUEST);
        assertThat(rejection.problems()).containsExactly(new Problem(field.replaceAll(".*\"", ""), rule));
    }

    @Test
    void allWrongFieldsAreNamedAtOnce() {
        Map<String, String> event = attributes();
        event.put("ce_type", "something.else");
        event.put("ce_expirytime", "soon");
        Rejection rejection = refused(take(event, """
                {"width": 5, "height": true, "seed": [], "prior": "x", "prior_num_inference_steps": 5,
                 "prior_timesteps": [1, 0], "colour": "red"}"""));
        assertThat(rejection.problems().stream().map(Problem::field))
                .containsExactly(
                        "ce_type",
                        "ce_expirytime",
                        "prior",
                        "prompt",
                        "width",
                        "height",
                        "prior_timesteps",
                        "seed",
                        "colour");
        assertThat(rejection.message()).isEqualTo("9 fields are wrong");
    }

    @Test
    void aFloodOfUnknownFieldsIsCutShort() {
        var fields = new StringBuilder("{\"prompt\": \"a fox\"");
        for (int i = 0; i < 3000; i++) {
            fields.append(", \"f").append(i).append("\": 0");
        }
        Rejection rejection = refused(take(Map.of(), fields.append('}').toString()));
        assertThat(rejection.problems()).hasSize(21);
        assertThat(rejection.problems().getLast()).isEqualTo(new Problem("*", "2980 more unknown fields"));
    }

    @Test
    void aPromptOfTwoThousandCharactersMayHoldPairs() {
        assertThat(ordered(take(Map.of(), "{\"prompt\": \"" + "🦊".repeat(2000) + "\"}"))
                        .order()
                        .prompt())
                .hasSize(4000);
    }

    @Test
    void whatIsNoJsonObjectIsUnreadable() {
        for (String body : List.of(
                "",
                "null",
                "[]",
                "\"text\"",
                "{",
                "{\"prompt\": \"a\"} {}",
                "{\"prompt\": \"a\", \"prompt\": \"b\"}",
                "{\"a\":".repeat(50_000),
                "[".repeat(60_000),
                "{\"seed\": " + "1".repeat(1000) + "}")) {
            assertThat(refused(take(Map.of(), body)).code())
                    .as(body.substring(0, Math.min(40, body.length())))
                    .isIn(Rejection.Code.UNREADABLE, Rejection.Code.TOO_LARGE);
        }
    }

    @Test
    void aPositionIsToldButNeverTheText() {
        Rejection rejection = refused(take(Map.of(), "{\"prompt\": \"canary\", nonsense}"));
        assertThat(rejection.message()).contains("line 1, column").doesNotContain("canary", "nonsense");
    }

    @Test
    void nothingRubbishAndTooMuchAreRefusedUnderTheirOwnIdentity() {
        Map<String, String> event = attributes();
        Origin origin = new Origin("default", "urn:test", "1");
        assertThat(refused(intake.take(record(event, null))).message()).isEqualTo("the event has no body");
        assertThat(intake.take(record(event, null)).origin()).isEqualTo(origin);
        Submission rubbish = intake.take(record(event, new byte[] {(byte) 0xff, 0, (byte) 0xc0}));
        assertThat(refused(rubbish).message()).isEqualTo("the body is not valid UTF-8");
        assertThat(rubbish.origin()).isEqualTo(origin);
        Submission large = intake.take(record(event, new byte[1_000_000]));
        assertThat(refused(large).code()).isEqualTo(Rejection.Code.TOO_LARGE);
        assertThat(large.origin()).isEqualTo(origin);
    }

    @Test
    void binaryAndStructuredEventsAreTheSameWish() {
        String data = "{\"prompt\": \"a fox\", \"seed\": 5, \"prior_guidance_scale\": 4.50}";
        Map<String, String> binary = attributes();
        binary.put("ce_tenantid", "acme");
        binary.put("ce_expirytime", "2030-01-01T01:00:00Z");
        String envelope = "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"urn:test\", \"type\":"
                + " \"io.wurstwerk.image.requested.v1\", \"tenantid\": \"acme\","
                + " \"expirytime\": \"2030-01-01T01:00:00Z\", ";
        Map<String, String> structured = Map.of("content-type", "application/cloudevents+json; charset=UTF-8");
        Submission expected = take(binary, data);
        assertThat(expected.origin()).isEqualTo(new Origin("acme", "urn:test", "1"));
        assertThat(ordered(expected).deadline()).isEqualTo(Instant.parse("2030-01-01T01:00:00Z"));
        assertThat(take(
                        structured,
                        envelope + "\"data\": {\"seed\":5,\"prior_guidance_scale\":4.5,\"prompt\":\"a fox\"}}"))
                .isEqualTo(expected);
        assertThat(take(
                        structured,
                        envelope + "\"data_base64\": \"" + Base64.getEncoder().encodeToString(data.getBytes(UTF_8))
                                + "\"}"))
                .isEqualTo(expected);
    }

    @Test
    void duplicateNamesInsideStructuredDataAreRefused() {
        Submission submission = take(
                Map.of("content-type", "application/cloudevents+json"),
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"urn:test\", \"type\":"
                        + " \"io.wurstwerk.image.requested.v1\", \"data\": {\"prompt\": \"a\", \"prompt\": \"b\"}}");
        assertThat(refused(submission).code()).isEqualTo(Rejection.Code.UNREADABLE);
    }

    @Test
    void aBrokenCloudEventIsAnsweredUnderTheRecordsPlace() {
        for (Map<String, String> headers : List.of(
                Map.of("ce_id", "1"),
                Map.of("ce_specversion", "1.0", "ce_id", "1", "ce_source", "urn:test"),
                Map.of("ce_specversion", "7", "ce_id", "1", "ce_source", "urn:test", "ce_type", "t"),
                Map.of("content-type", "application/cloudevents+json"))) {
            Submission submission = take(headers, "{\"prompt\": \"a fox\"}");
            assertThat(refused(submission).code()).isEqualTo(Rejection.Code.UNREADABLE);
            assertThat(submission.origin().id()).isEqualTo("3-41");
        }
    }

    @Test
    void attributesAreCheckedLikeFields() {
        Map<String, String> event = attributes();
        event.put("ce_tenantid", "a b");
        event.put("content-type", "text/plain");
        event.put("ce_id", "x".repeat(1025));
        assertThat(refused(take(event, "{\"prompt\": \"a fox\"}")).problems().stream()
                        .map(Problem::field))
                .containsExactly("datacontenttype", "ce_tenantid", "ce_id");
    }

    @Test
    void theEarlierOfTwoDeadlinesHolds() {
        Map<String, String> event = attributes();
        event.put("ce_expirytime", "2030-01-01T03:00:00+01:00");
        Submission.Ordered later = ordered(take(event, "{\"prompt\": \"a\", \"deadline\": \"2030-01-01T05:00:00Z\"}"));
        Submission.Ordered earlier =
                ordered(take(event, "{\"prompt\": \"a\", \"deadline\": \"2029-01-01T00:00:00Z\"}"));
        assertThat(later.deadline()).isEqualTo(Instant.parse("2030-01-01T02:00:00Z"));
        assertThat(earlier.deadline()).isEqualTo(Instant.parse("2029-01-01T00:00:00Z"));
    }

    @Test
    void submissionsSurviveTheirWireForm() {
        Map<String, String> event = attributes();
        for (Submission submission : List.of(
                take(event, "{\"prompt\": \"ä 🦊\", \"negative_prompt\": \"\", \"seed\": -1}"),
                take(event, "{\"prompt\": \"a\", \"prior_timesteps\": [1, 0.1, 0], \"num_inference_steps\": 3}"),
                take(event, "{\"width\": 5}"),
                intake.take(record(event, null)))) {
            assertThat(SubmissionJson.read(SubmissionJson.write(submission))).isEqualTo(submission);
        }
    }

    @Test
    void theSeedOfARequestWithoutOneIsThatOfItsJob() {
        Submission.Ordered submission = ordered(take(attributes(), "{\"prompt\": \"a fox\"}"));
        assertThat(submission.job()).isEqualTo(JobId.of(new Origin("default", "urn:test", "1")));
        assertThat(submission.order().seed()).isEqualTo(874361175L);
    }

    private static Map<String, String> attributes() {
        return new LinkedHashMap<>(Map.of(
                "ce_specversion",
                "1.0",
                "ce_id",
                "1",
                "ce_source",
                "urn:test",
                "ce_type",
                "io.wurstwerk.image.requested.v1",
                "content-type",
                "application/json"));
    }

    @Test
    void headersAreReadUpToALimitAndTheRefusalNamesIt() {
        Map<String, String> most = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            most.put("x-" + i, "1");
        }
        assertThat(take(most, "{\"prompt\": \"a fox\"}")).isInstanceOf(Submission.Ordered.class);
        most.put("x-100", "1");
        var many = refused(take(most, "{\"prompt\": \"a fox\"}"));
        assertThat(many.code()).isEqualTo(Rejection.Code.TOO_LARGE);
        assertThat(many.message()).startsWith("the event has 101 headers of ").contains("at most 100 of 16384 bytes");
        var large = refused(take(Map.of("x", "lithic-canary".repeat(2_000)), "{\"prompt\": \"a fox\"}"));
        assertThat(large.code()).isEqualTo(Rejection.Code.TOO_LARGE);
        assertThat(large.message())
                .startsWith("the event has 1 headers of 26001 bytes")
                .doesNotContain("canary");
    }

    private Submission take(Map<String, String> headers, String body) {
        return intake.take(record(headers, body.getBytes(UTF_8)));
    }

    private static ConsumerRecord<byte[], byte[]> record(Map<String, String> headers, byte[] value) {
        var kafkaHeaders = new RecordHeaders();
        headers.forEach((name, text) -> kafkaHeaders.add(name, text.getBytes(UTF_8)));
        return new ConsumerRecord<>(
                "wurstwerk.prompts",
                3,
                41,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                null,
                value,
                kafkaHeaders,
                Optional.empty());
    }

    private static Submission.Ordered ordered(Submission submission) {
        assertThat(submission).isInstanceOf(Submission.Ordered.class);
        return (Submission.Ordered) submission;
    }

    private static Rejection refused(Submission submission) {
        assertThat(submission).isInstanceOf(Submission.Refused.class);
        return ((Submission.Refused) submission).rejection();
    }
}
