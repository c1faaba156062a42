package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.config;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.contract.TopicContents;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.StackResource;
import io.wurstwerk.orchestrator.topic.Topic;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way over real parts: a Kafka broker, an S3 server, gRPC, the application. Only the models are replaced by
 * cheap functions, so that outages and errors can be ordered.
 */
@QuarkusTest
@WithTestResource(StackResource.class)
class PromptToImageTest {

    private static final String CANARY = "xylographic-canary";
    private static final String QUICK = "{\"prompt\": \"a " + CANARY + "\", \"prior_num_inference_steps\": 3,"
            + " \"num_inference_steps\": 2, \"width\": 128, \"height\": 128";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path objects;

    private static Parts parts;
    private static Prompts prompts;
    private static Answers answers;
    private static Answer early;
    private static int readinessBefore;
    private static int livenessBefore;

    /** The application is up, the models and the store are not: what is sent now must wait and not be lost. */
    @BeforeAll
    static void comeLate() throws Exception {
        prompts = new Prompts(config("kafka.bootstrap.servers"));
        answers = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.images", 3);
        prompts.send("early", QUICK + "}");
        await(() -> status("/q/health/group/door") == 200);
        readinessBefore = status("/q/health/ready");
        livenessBefore = status("/q/health/live");
        parts = new Parts(objects);
        early = answers.to("early");
    }

    @AfterAll
    static void everyJobHasOneAnswerAndTheTopicsHoldWhatTheirDocumentSays() throws Exception {
        Map<String, Long> terminal = answers.all().stream().collect(groupingBy(Answer::key, counting()));
        assertThat(terminal)
                .isNotEmpty()
                .allSatisfy((job, count) -> assertThat(count).isEqualTo(1));
        TopicContents.followTheContract(
                config("kafka.bootstrap.servers"),
                Set.of(Topic.IMAGES, Topic.PROGRESS, Topic.SUBMISSIONS, Topic.JOBS, Topic.CHECKPOINTS));
        answers.close();
        prompts.close();
        parts.close();
    }

    @AfterEach
    void calm() {
        parts.triton.mood = Mood.FINE;
        parts.triton.release();
    }

    @Test
    void whatWasSentBeforeModelsAndStoreWereThereIsDrawnAndReadinessHadSaidSo() throws Exception {
        assertThat(readinessBefore).isEqualTo(503);
        assertThat(livenessBefore).isEqualTo(200);
        assertThat(early.state()).isEqualTo("completed");
        assertThat(status("/q/health/ready")).isEqualTo(200);
    }

    @Test
    void addressesInARequestAreOnlyDrawnAndNobodyConnectsToThem() throws Exception {
        try (var listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            listener.configureBlocking(false);
            String address = "http://127.0.0.1:" + listener.socket().getLocalPort() + "/";
            prompts.send(
                    "addresses",
                    "{\"prompt\": \"" + address + "a.png\", \"negative_prompt\": \"" + address
                            + " file:///etc/passwd\","
                            + " \"prior_num_inference_steps\": 3, \"width\": 128, \"height\": 128}");
            assertThat(answers.to("addresses").state()).isEqualTo("completed");
            assertThat(listener.accept()).isNull();
        }
    }

    @Test
    void oneEventGivesOneResultWhoseImagesAreReadableByItsUrls() throws Exception {
        int encoded = parts.triton.calls("text_encoder_prior");
        prompts.send("images", QUICK + ", \"num_images_per_prompt\": 3, \"seed\": 4294967295}");
        Answer answer = answers.to("images");
        JobId job = JobId.of(new Origin("default", "urn:test", "images"));
        assertThat(answer.key()).isEqualTo(job.value());
        assertThat(answer.headers())
                .containsEntry("ce_id", job + "/completed")
                .containsEntry("ce_type", "io.wurstwerk.image.completed.v1")
                .containsEntry("ce_source", "/wurstwerk/orchestrator")
                .containsEntry("ce_subject", job.value())
                .containsEntry("ce_tenantid", "default")
                .containsEntry("content-type", "application/json");
        JsonNode data = answer.data();
        assertThat(data.path("prior").textValue()).isEqualTo("interpolated");
        assertThat(data.path("width").intValue()).isEqualTo(128);
        assertThat(data.path("prompt_truncated").booleanValue()).isFalse();
        assertThat(data.path("pipeline").textValue()).hasSize(16);
        assertThat(data.path("timings").properties().stream().map(Map.Entry::getKey))
                .containsExactly("queued", "text", "stage_c", "stage_b", "stage_a", "encode", "upload", "total");
        assertThat(StreamSupport.stream(data.path("images").spliterator(), false)
                        .map(image -> image.path("seed").longValue()))
                .containsExactly(4294967295L, 0L, 1L);
        for (JsonNode image : data.path("images")) {
            assertReadable(image, job);
        }
        assertThat(parts.triton.calls("text_encoder_prior") - encoded).isEqualTo(1);
    }

    private static void assertReadable(JsonNode image, JobId job) throws Exception {
        URI url = URI.create(image.path("url").textValue());
        assertThat(url.getHost()).isEqualTo("localhost");
        assertThat(config("wurstwerk.store.endpoint")).contains("127.0.0.1");
        HttpResponse<byte[]> response =
                HTTP.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("image/png");
        assertThat(response.body()).hasSize(image.path("size").intValue());
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(response.body()));
        assertThat(image.path("sha256").textValue()).isEqualTo(sha256);
        assertThat(image.path("key").textValue())
                .matches("v1/[0-9a-f]{16}/" + job + "/" + image.path("index").intValue() + "-" + sha256 + "\\.png");
        assertThat(image.path("bucket").textValue()).isEqualTo("wurstwerk");
        assertThat(Instant.parse(image.path("url_expires_at").textValue())).isAfter(Instant.now());
        assertThat(ImageIO.read(new ByteArrayInputStream(response.body())).getWidth())
                .isEqualTo(128);
    }

    @Test
    void anImageIsOfTheFormatAskedForAndSaysOfItsMakingWhatWasAskedFor() throws Exception {
        prompts.send("as-jpeg", QUICK + ", \"output_format\": \"jpeg\", \"metadata\": \"full\"}");
        prompts.send("as-webp", QUICK + ", \"output_format\": \"webp\", \"metadata\": \"parameters\"}");
        prompts.send("as-png", QUICK + ", \"output_format\": \"png\", \"metadata\": \"none\"}");
        String jpeg = file("as-jpeg", "jpg", "image/jpeg");
        assertThat(jpeg).startsWith("\u00ff\u00d8").contains("trainedAlgorithmicMedia", CANARY);
        String webp = file("as-webp", "webp", "image/webp");
        assertThat(webp).startsWith("RIFF").contains("trainedAlgorithmicMedia").doesNotContain(CANARY);
        String png = file("as-png", "png", "image/png");
        assertThat(png).startsWith("\u0089PNG").doesNotContain("trainedAlgorithmicMedia", CANARY);
    }

    /** The stored bytes as text, after everything that is said of them has been checked. */
    private static String file(String id, String extension, String contentType) throws Exception {
        Answer answer = answers.to(id);
        assertThat(answer.state()).isEqualTo("completed");
        JsonNode image = answer.data().at("/images/0");
        assertThat(image.path("content_type").textValue()).isEqualTo(contentType);
        assertThat(image.path("key").textValue()).endsWith(image.path("sha256").textValue() + "." + extension);
        HttpResponse<byte[]> response = HTTP.send(
                HttpRequest.newBuilder(URI.create(image.path("url").textValue()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("content-type")).hasValue(contentType);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(response.body())))
                .isEqualTo(image.path("sha256").textValue());
        return new String(response.body(), ISO_8859_1);
    }

    @Test
    void badEventsAreAnsweredOneByOneAndTheirNeighboursComplete() throws Exception {
        prompts.send("good-1", QUICK + "}");
        prompts.send("bad-json", "{\"prompt\": \"" + CANARY + "\", oops}");
        prompts.send("bad-null", null);
        prompts.send("bad-rubbish", 0, new byte[] {(byte) 0xfe, (byte) 0xff, 0, 1, 2});
        prompts.send("bad-size", 0, new byte[1_000_000]);
        prompts.send("bad-fields", QUICK + ", \"num_images_per_prompt\": 9, \"seed\": 1.5, \"colour\": 1}");
        prompts.send("good-2", QUICK + "}");
        assertThat(answers.to("good-1").state()).isEqualTo("completed");
        assertThat(answers.to("good-2").state()).isEqualTo("completed");
        assertRejected("bad-json", "unreadable");
        assertRejected("bad-null", "unreadable");
        assertRejected("bad-rubbish", "unreadable");
        assertRejected("bad-size", "too_large");
        JsonNode problems = assertRejected("bad-fields", "invalid_request").path("problems");
        assertThat(problems.findValuesAsText("field")).containsExactly("num_images_per_prompt", "seed", "colour");
    }

    @Test
    void aRepeatedEventHasNoSecondAnswerAndAnotherBodyIsAConflict() throws Exception {
        double duplicates = metric("wurstwerk_submissions_duplicate_total");
        prompts.send("twice", QUICK + ", \"seed\": 1}");
        prompts.send("twice", QUICK + " , \"seed\" : 1 }");
        prompts.send("twice", QUICK + ", \"seed\": 2}");
        prompts.send("twice", QUICK + ", \"seed\": 2}");
        JobId job = JobId.of(new Origin("default", "urn:test", "twice"));
        Answer conflict = answers.await(answer -> answer.key().startsWith(job + "-"));
        assertThat(conflict.data().at("/error/code").textValue()).isEqualTo("conflict");
        assertThat(conflict.headers()).containsEntry("ce_id", conflict.key() + "/rejected");
        assertThat(answers.await(answer -> answer.key().equals(job.value())).state())
                .isEqualTo("completed");
        awaitMetric("wurstwerk_submissions_duplicate_total", duplicates + 2);
        assertThat(answers.all().stream().map(Answer::key).filter(key -> key.startsWith(job.value())))
                .containsExactlyInAnyOrder(job.value(), conflict.key());
    }

    @Test
    void structuredBinaryAndBareEventsAreAllDrawn() throws Exception {
        String body = QUICK + ", \"seed\": 77}";
        prompts.send("binary", body);
        prompts.send(
                Map.of("content-type", "application/cloudevents+json"),
                1,
                ("{\"specversion\": \"1.0\", \"id\": \"structured\", \"source\": \"urn:test\","
                                + " \"type\": \"io.wurstwerk.image.requested.v1\", \"data\": " + body + "}")
                        .getBytes(UTF_8));
        var place = prompts.send(Map.of(), 2, body.getBytes(UTF_8));
        String sha256 = sha256(answers.to("binary"));
        assertThat(sha256(answers.to("structured"))).isEqualTo(sha256);
        Answer bare = answers.to(place.partition() + "-" + place.offset());
        assertThat(sha256(bare)).isEqualTo(sha256);
        assertThat(bare.data().at("/request/source").textValue()).isEqualTo("kafka:wurstwerk.prompts");
    }

    @Test
    void anOutageOfTheModelsDelaysAJobAndDoesNotFailIt() throws Exception {
        prompts.send("undisturbed", QUICK + ", \"seed\": 5}");
        String sha256 = sha256(answers.to("undisturbed"));
        int asked = parts.triton.calls("stage_c_interpolated");
        double waits = metric("wurstwerk_waits_total{dependency=\"triton\"}");
        parts.triton.hold();
        prompts.send("disturbed", QUICK + ", \"seed\": 5}");
        await(() -> parts.triton.calls("stage_c_interpolated") > asked);
        parts.triton.close();
        awaitMetric("wurstwerk_waits_total{dependency=\"triton\"}", waits + 1);
        await(() -> status("/q/health/ready") == 503);
        assertThat(status("/q/health/live")).isEqualTo(200);
        parts.startTriton();
        assertThat(sha256(answers.to("disturbed"))).isEqualTo(sha256);
    }

    @Test
    void anOutageOfTheStoreDelaysAJobAndDoesNotFailIt() throws Exception {
        double waits = metric("wurstwerk_waits_total{dependency=\"store\"}");
        parts.store.close();
        prompts.send("storeless", QUICK + "}");
        awaitMetric("wurstwerk_waits_total{dependency=\"store\"}", waits + 1);
        parts.startStore();
        Answer answer = answers.to("storeless");
        assertThat(answer.state()).isEqualTo("completed");
        assertReadable(answer.data().path("images").get(0), new JobId(answer.key()));
    }

    @Test
    void errorsOfTheModelAreTriedOnceMoreAndRefusalsAreNot() throws Exception {
        assertFailed("nan", Mood.NOT_A_NUMBER, "non_finite", 2);
        assertFailed("internal", Mood.INTERNAL_ERROR, "model_error", 2);
        assertFailed("refused", Mood.REFUSING, "model_rejected", 1);
    }

    private static void assertFailed(String id, Mood mood, String code, int attempts) throws Exception {
        int asked = parts.triton.calls("stage_c_interpolated");
        parts.triton.mood = mood;
        prompts.send(id, QUICK + "}");
        Answer answer = answers.to(id);
        assertThat(answer.state()).isEqualTo("failed");
        assertThat(answer.data().at("/error/code").textValue()).isEqualTo(code);
        assertThat(answer.data().at("/error/message").textValue()).isNotBlank().doesNotContain(CANARY);
        assertThat(parts.triton.calls("stage_c_interpolated") - asked).isEqualTo(attempts);
    }

    @Test
    void aPassedDeadlineExpiresTheJobBeforeAndWhileItIsDrawn() throws Exception {
        int asked = parts.triton.calls("stage_c_interpolated");
        prompts.send("too-late", QUICK + ", \"deadline\": \"2020-01-01T00:00:00Z\"}");
        Answer late = answers.to("too-late");
        assertThat(late.state()).isEqualTo("expired");
        assertThat(late.data().at("/error/code").textValue()).isEqualTo("deadline_exceeded");
        assertThat(parts.triton.calls("stage_c_interpolated")).isEqualTo(asked);
        parts.triton.hold();
        Instant deadline = Instant.now().plus(Duration.ofSeconds(3));
        prompts.send("too-slow", QUICK + ", \"deadline\": \"" + deadline + "\"}");
        await(() -> parts.triton.calls("stage_c_interpolated") > asked);
        await(() -> Instant.now().isAfter(deadline));
        parts.triton.release();
        assertThat(answers.to("too-slow").state()).isEqualTo("expired");
    }

    @Test
    void progressNamesEveryStageInOrder() throws Exception {
        prompts.send("steps", QUICK + "}");
        answers.to("steps");
        String job = JobId.of(new Origin("default", "urn:test", "steps")).value();
        try (var progress = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.progress", 3)) {
            progress.await(step -> step.key().equals(job)
                    && step.data().path("stage").asText().equals("upload")
                    && step.data().path("step").intValue() == 1);
            List<String> stages = progress.all().stream()
                    .filter(step -> step.key().equals(job))
                    .map(step -> step.data().path("stage").asText())
                    .distinct()
                    .toList();
            assertThat(stages).containsExactly("queued", "text", "stage_c", "stage_b", "stage_a", "upload");
            // Nobody watches.
            assertThat(progress.all()).noneMatch(step -> step.data().has("preview"));
        }
    }

    @Test
    void noPromptIsInAnyLogMetricOrHeader() throws Exception {
        prompts.send("secret", QUICK + "}");
        Answer answer = answers.to("secret");
        assertThat(answer.headers().toString()).doesNotContain(CANARY);
        assertThat(answer.data().toString()).doesNotContain(CANARY);
        assertThat(get("/q/metrics").body()).contains("wurstwerk_images_total").doesNotContain(CANARY);
        assertThat(Files.readString(StackResource.LOG))
                .contains("job " + answer.key() + " is completed")
                .doesNotContain(CANARY);
    }

    private static JsonNode assertRejected(String id, String code) throws Exception {
        Answer answer = answers.to(id);
        assertThat(answer.state()).isEqualTo("rejected");
        assertThat(answer.headers()).containsEntry("ce_type", "io.wurstwerk.image.rejected.v1");
        assertThat(answer.data().at("/error/code").textValue()).isEqualTo(code);
        assertThat(answer.data().toString()).doesNotContain(CANARY);
        return answer.data();
    }

    private static String sha256(Answer answer) {
        assertThat(answer.state()).isEqualTo("completed");
        return answer.data().at("/images/0/sha256").textValue();
    }

    private static int status(String path) throws Exception {
        return get(path).statusCode();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(config("test.url") + path)).build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static double metric(String name) throws Exception {
        return get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name.replace("}", ",}") + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private static void awaitMetric(String name, double atLeast) throws Exception {
        await(() -> metric(name) >= atLeast);
    }
}
