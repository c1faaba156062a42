package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.awaitReady;
import static io.wurstwerk.orchestrator.stack.Parts.config;
import static io.wurstwerk.orchestrator.stack.Parts.withBucket;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.proto.trace.v1.Span;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.Collector;
import io.wurstwerk.orchestrator.stack.CollectorResource;
import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.StackResource;
import io.wurstwerk.orchestrator.stack.TraceText;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of the application from outside: its traces, its metrics, and what it says of costs. */
@QuarkusTest
@WithTestResource(StackResource.class)
@WithTestResource(CollectorResource.class)
class ObservabilityTest {

    private static final String CANARY = "xylographic-canary";
    private static final String QUICK = "{\"prompt\": \"a " + CANARY + "\", \"prior_num_inference_steps\": 3,"
            + " \"num_inference_steps\": 2, \"width\": 128, \"height\": 128";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path objects;

    private static Parts parts;
    private static Prompts prompts;
    private static Answers answers;
    private static Collector collector;

    @BeforeAll
    static void start() throws Exception {
        collector = CollectorResource.collector();
        parts = new Parts(withBucket(objects));
        prompts = new Prompts(config("kafka.bootstrap.servers"));
        answers = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.images", 3);
        awaitReady();
    }

    @AfterAll
    static void nothingThatWasExportedHasAPromptInIt() throws Exception {
        assertThat(collector.text()).contains("stage_c").doesNotContain(CANARY);
        answers.close();
        prompts.close();
        parts.close();
    }

    @AfterEach
    void calm() {
        parts.triton.mood = Mood.FINE;
        parts.triton.release();
    }

    // ---- traces

    @Test
    void aTracedEventIsFollowedFromItsSenderToItsAnswer() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c80319c";
        send("traced", QUICK + "}", Map.of("traceparent", "00-" + trace + "-b7ad6b7169203331-01"));
        Answer answer = answers.to("traced");
        Span job = jobSpan(answer, 1);
        Span intake = intakeSpan(answer);
        assertThat(TraceText.hex(intake.getTraceId())).isEqualTo(trace);
        assertThat(TraceText.hex(intake.getParentSpanId())).isEqualTo("b7ad6b7169203331");
        assertThat(attributes(intake))
                .containsEntry("messaging.system", "kafka")
                .containsEntry("messaging.destination.name", "wurstwerk.prompts")
                .containsEntry("wurstwerk.job.id", answer.key());
        List<Span> spans = trace(job);
        Map<String, String> links = Map.of(TraceText.hex(intake.getSpanId()), "intake");
        System.out.println(TraceText.of(spans, links, true));
        assertThat(TraceText.of(spans, links, false)).isEqualTo("""
                job (consumer) attempt=1 images=1 outcome=completed priority=normal -> intake
                  queue
                  text (client) image=0
                  stage_c image=0
                    step (client) stage=stage_c step=1
                    step (client) stage=stage_c step=2
                    step (client) stage=stage_c step=3
                  stage_b image=0
                    step (client) stage=stage_b step=1
                    step (client) stage=stage_b step=2
                  stage_a image=0
                    step (client) stage=stage_a step=1
                  upload (client) image=0
                  publish wurstwerk.images (producer) outcome=completed
                """);
        // Whoever reads the answer goes on from where it was published.
        Span published = span(spans, "publish wurstwerk.images");
        assertThat(answer.headers()).containsEntry("traceparent", traceparent(published));
        // The model server is told of the very calls.
        assertThat(parts.triton.traceparents)
                .containsAll(spans.stream()
                        .filter(one -> one.getName().equals("step"))
                        .map(ObservabilityTest::traceparent)
                        .toList())
                .contains(traceparent(span(spans, "text")));
        try (var progress = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.progress", 3)) {
            Answer drawn = progress.await(told -> told.key().equals(answer.key())
                    && told.data().path("stage").asText().equals("stage_b"));
            assertThat(drawn.headers()).containsEntry("traceparent", traceparent(job));
        }
    }

    @Test
    void theDistributedTracingExtensionIsReadInBothModes() throws Exception {
        String binary = "11111111111111111111111111111111";
        send("extension", QUICK + "}", Map.of("ce_traceparent", "00-" + binary + "-1111111111111111-01"));
        assertThat(TraceText.hex(intakeSpan(answers.to("extension")).getTraceId()))
                .isEqualTo(binary);
        String structured = "22222222222222222222222222222222";
        prompts.send(
                Map.of("content-type", "application/cloudevents+json"),
                1,
                ("{\"specversion\": \"1.0\", \"id\": \"structured-extension\", \"source\": \"urn:test\","
                                + " \"type\": \"io.wurstwerk.image.requested.v1\", \"traceparent\": \"00-" + structured
                                + "-2222222222222222-01\", \"data\": " + QUICK + "}}")
                        .getBytes(UTF_8));
        Span intake = intakeSpan(answers.to("structured-extension"));
        assertThat(TraceText.hex(intake.getTraceId())).isEqualTo(structured);
        assertThat(TraceText.hex(intake.getParentSpanId())).isEqualTo("2222222222222222");
    }

    @Test
    void anEventWhoseSenderDoesNotSampleLeavesNoSpanAndNoHeader() throws Exception {
        String trace = "33333333333333333333333333333333";
        int told = parts.triton.traceparents.size();
        send("unsampled", QUICK + "}", Map.of("traceparent", "00-" + trace + "-3333333333333333-00"));
        Answer answer = answers.to("unsampled");
        assertThat(answer.headers()).doesNotContainKey("traceparent");
        assertThat(parts.triton.traceparents).hasSize(told);
        // What comes after it has been exported, and with it everything before.
        send("sampled-after", QUICK + "}", Map.of());
        jobSpan(answers.to("sampled-after"), 1);
        assertThat(collector.spans()).noneMatch(span -> attributes(span).containsValue(answer.key()));
    }

    @Test
    void aJobThatFailsSaysSoInItsSpans() throws Exception {
        parts.triton.mood = Mood.NOT_A_NUMBER;
        send("failing", QUICK + "}", Map.of());
        Answer answer = answers.to("failing");
        Span job = jobSpan(answer, 1);
        Map<String, String> links = Map.of(TraceText.hex(intakeSpan(answer).getSpanId()), "intake");
        assertThat(TraceText.of(trace(job), links, false)).isEqualTo("""
                job (consumer) attempt=1 images=1 outcome=failed priority=normal !non_finite -> intake
                  queue
                  text (client) image=0
                  stage_c image=0
                    step (client) stage=stage_c step=1 !NonFiniteException
                    step (client) stage=stage_c step=1 !NonFiniteException
                  publish wurstwerk.images (producer) outcome=failed
                """);
        assertThat(attributes(job)).containsEntry("error.type", "non_finite");
    }

    @Test
    void aRefusedEventIsPublishedInATraceThatLinksToItsSenders() throws Exception {
        send("refused", QUICK + ", \"colour\": 1}", Map.of());
        Answer answer = answers.to("refused");
        Span intake = intakeSpan(answer);
        assertThat(intake.getStatus().getMessage()).isEqualTo("invalid_request");
        Span published = collector.await(span -> span.getName().startsWith("publish")
                && attributes(span).get("wurstwerk.job.id").equals(answer.key()));
        assertThat(published.getLinksList()).hasSize(1);
        assertThat(published.getLinks(0).getSpanId()).isEqualTo(intake.getSpanId());
        assertThat(answer.headers()).containsEntry("traceparent", traceparent(published));
    }

    private static final String DECODED = """
              stage_b image=0
                step (client) stage=stage_b step=1
                step (client) stage=stage_b step=2
              stage_a image=0
                step (client) stage=stage_a step=1
              upload (client) image=0
              publish wurstwerk.images (producer) outcome=completed
            """;

    /** Another producer takes the partition's name, as a new owner would; the engine has to begin anew. */
    @Test
    void aResumedJobLinksToItsFirstAttemptAndKeepsWhatThatOneHasCost() throws Exception {
        fenceInTheSeventhStep("resumed");
        parts.triton.release();
        Answer answer = answers.to("resumed");
        assertThat(answer.state()).isEqualTo("completed");
        Span second = jobSpan(answer, 2);
        Span first = jobSpan(answer, 1);
        Map<String, String> links = Map.of(
                TraceText.hex(intakeSpan(answer).getSpanId()), "intake",
                TraceText.hex(first.getSpanId()), "first attempt");
        System.out.println(TraceText.of(trace(first), links, true) + TraceText.of(trace(second), links, true));
        assertThat(TraceText.of(trace(first), links, false))
                .startsWith(
                        "job (consumer) attempt=1 images=1 outcome=interrupted priority=normal -> intake\n  queue\n")
                .endsWith("  publish wurstwerk.images (producer) outcome=completed !fenced\n");
        assertThat(TraceText.of(trace(second), links, false)).isEqualTo("""
                job (consumer) attempt=2 images=1 outcome=completed priority=normal -> first attempt [resumed]
                """ + DECODED);
        assertThat(answer.headers())
                .containsEntry("traceparent", traceparent(span(trace(second), "publish wurstwerk.images")));
        JsonNode cost = answer.data().path("cost");
        assertThat(cost.path("resumed_steps").intValue()).isEqualTo(7);
        // The timings are the last attempt's; what the first one's seven steps have cost comes from its checkpoint.
        assertThat(cost.at("/model_seconds/stage_c").doubleValue())
                .isGreaterThan(answer.data().at("/timings/stage_c").doubleValue());
    }

    /** The fence is met in the middle of Stage C, by another job of the partition that begins. */
    @Test
    void aJobThatIsInterruptedInStageCGoesOnFromItsCheckpoint() throws Exception {
        fenceInTheSeventhStep("halfway");
        String beside = Stream.iterate(0, i -> i + 1)
                .map(i -> "beside-" + i)
                .filter(id -> partition(id) == partition("halfway"))
                .findFirst()
                .orElseThrow();
        send(beside, QUICK + "}", Map.of());
        Span first = jobSpan(job("halfway").value(), 1);
        parts.triton.release();
        Answer answer = answers.to("halfway");
        assertThat(answer.state()).isEqualTo("completed");
        Span second = jobSpan(answer, 2);
        Map<String, String> links = Map.of(TraceText.hex(first.getSpanId()), "first attempt");
        assertThat(TraceText.of(trace(second), links, false)).isEqualTo("""
                job (consumer) attempt=2 images=1 outcome=completed priority=normal -> first attempt [resumed]
                  stage_c image=0
                    step (client) stage=stage_c step=6
                    step (client) stage=stage_c step=7
                """ + DECODED);
        assertThat(answer.data().at("/cost/resumed_steps").intValue()).isEqualTo(5);
        assertThat(answers.to(beside).state()).isEqualTo("completed");
    }

    private static JobId job(String id) {
        return JobId.of(new Origin("default", "urn:test", id));
    }

    private static int partition(String id) {
        return Utils.toPositive(Utils.murmur2(job(id).value().getBytes(UTF_8))) % 3;
    }

    /** Holds a job of seven steps in its last, and fences its partition meanwhile. */
    private static void fenceInTheSeventhStep(String id) throws Exception {
        int asked = parts.triton.calls("stage_c_interpolated");
        parts.triton.holdAfter(6);
        send(id, QUICK.replace("steps\": 3", "steps\": 7") + "}", Map.of());
        await(() -> parts.triton.calls("stage_c_interpolated") == asked + 7);
        fence(partition(id));
    }

    private static void fence(int partition) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                config("kafka.bootstrap.servers"),
                "transactional.id",
                "wurstwerk-engine-" + partition);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
        }
    }

    // ---- costs

    @Test
    void theAnswerSaysWhatThePicturesHaveCostAndSoDoesTheApi() throws Exception {
        String trace = "44444444444444444444444444444444";
        HttpResponse<String> posted = HTTP.send(
                HttpRequest.newBuilder(URI.create(config("test.url") + "/v1/images"))
                        .header("Content-Type", "application/json")
                        .header("Prefer", "wait=60")
                        .header("traceparent", "00-" + trace + "-4444444444444444-01")
                        .POST(HttpRequest.BodyPublishers.ofString(QUICK + ", \"num_images_per_prompt\": 2}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode job = JSON.readTree(posted.body());
        assertThat(job.path("state").textValue()).as(posted.body()).isEqualTo("completed");
        String id = job.path("job_id").textValue();
        Answer answer = answers.await(told -> told.key().equals(id));
        JsonNode cost = answer.data().path("cost");
        assertThat(job.path("cost")).isEqualTo(cost);
        double seconds = cost.path("model_seconds")
                .valueStream()
                .mapToDouble(JsonNode::doubleValue)
                .sum();
        assertThat(cost.path("model_seconds").properties())
                .allSatisfy(stage -> assertThat(stage.getValue().doubleValue())
                        .as(stage.getKey())
                        .isPositive());
        double joules = cost.path("joules").doubleValue();
        assertThat(joules).isCloseTo(CollectorResource.WATTS * seconds, within(1e-6));
        assertThat(cost.path("grams_co2e").doubleValue())
                .isCloseTo(joules / 3.6e6 * CollectorResource.GRAMS, within(1e-9));
        assertThat(cost.path("bytes_stored").longValue())
                .isEqualTo(answer.data()
                        .path("images")
                        .valueStream()
                        .mapToLong(image -> image.path("size").longValue())
                        .sum());
        assertThat(cost.path("bytes_to_models").longValue()).isPositive();
        // Stage A's pixels alone are 128 x 128 x 3 bytes an image.
        assertThat(cost.path("bytes_from_models").longValue()).isGreaterThan(2 * 128 * 128 * 3);
        assertThat(cost.path("retries").intValue()).isZero();
        assertThat(cost.path("resumed_steps").intValue()).isZero();
        // The HTTP request, the event that came of it and its intake are one trace.
        Span intake = intakeSpan(answer);
        assertThat(TraceText.hex(intake.getTraceId())).isEqualTo(trace);
        Span request = collector.await(span -> span.getSpanId().equals(intake.getParentSpanId()));
        assertThat(request.getName()).isEqualTo("POST /v1/images");
    }

    @Test
    void whatHadToBeAskedTwiceIsCounted() throws Exception {
        int asked = parts.triton.calls("stage_c_interpolated");
        parts.triton.mood = Mood.INTERNAL_ERROR;
        parts.triton.holdAfter(1);
        send("retried", QUICK + "}", Map.of());
        await(() -> parts.triton.calls("stage_c_interpolated") == asked + 2);
        parts.triton.mood = Mood.FINE;
        parts.triton.release();
        Answer answer = answers.to("retried");
        assertThat(answer.state()).isEqualTo("completed");
        assertThat(answer.data().at("/cost/retries").intValue()).isEqualTo(1);
    }

    // ---- metrics

    private static final Pattern ROW = Pattern.compile("\\| `(wurstwerk_[a-z_]+)` \\| ([a-z]+) \\|([^|]*)\\| .*");
    private static final Pattern TYPE = Pattern.compile("# TYPE (wurstwerk_[a-z_]+) ([a-z]+)");

    @Test
    void thePageHasEveryMetricOfTheDocumentWithItsTypeAndLabelsAndNoOther() throws Exception {
        send("measured", QUICK + "}", Map.of());
        answers.to("measured");
        await(() -> metrics().contains("wurstwerk_lane_energy_joules_total"));
        await(() -> metrics().contains("wurstwerk_lane_circuit"));
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("..", "observability", "metrics.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = new TreeSet<>();
                Pattern.compile("`([a-z]+)`")
                        .matcher(row.group(3))
                        .results()
                        .forEach(label -> labels.add(label.group(1)));
                documented.put(row.group(1), row.group(2) + " " + labels);
            }
        }
        assertThat(families(metrics())).isEqualTo(documented);
    }

    /** Type and labels by name; the largest values that Micrometer adds to what is measured have no row of their own. */
    private static Map<String, String> families(String page) {
        Map<String, String> types = new TreeMap<>();
        TYPE.matcher(page)
                .results()
                .forEach(found -> types.put(series(found.group(1), found.group(2)), found.group(2)));
        types.keySet()
                .removeIf(name -> name.endsWith("_max") && types.containsKey(name.substring(0, name.length() - 4)));
        Map<String, String> families = new TreeMap<>();
        types.forEach((name, type) -> {
            Set<String> labels = new TreeSet<>();
            Pattern.compile("(?m)^" + name + "(?:_count|_sum|_bucket)?\\{([^}]*)}")
                    .matcher(page)
                    .results()
                    .forEach(sample -> Pattern.compile("([a-z_]+)=\"")
                            .matcher(sample.group(1))
                            .results()
                            .forEach(label -> labels.add(label.group(1))));
            labels.removeAll(Set.of("le", "quantile"));
            families.put(name, type + " " + labels);
        });
        return families;
    }

    /** OpenMetrics leaves the end of a counter's name to its samples. */
    private static String series(String name, String type) {
        return type.equals("counter") && !name.endsWith("_total") ? name + "_total" : name;
    }

    @Test
    void everyAcceptedJobIsAnsweredOrOpen() throws Exception {
        send("accounted", QUICK + "}", Map.of());
        answers.to("accounted");
        await(() -> metrics().contains("wurstwerk_jobs_open 0.0"));
        assertThat(metrics()).contains("wurstwerk_jobs_unaccounted 0.0");
    }

    private static String metrics() throws Exception {
        return get("/q/metrics").body();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(config("test.url") + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    // ---- parts

    private static void send(String id, String body, Map<String, String> headers) throws Exception {
        Map<String, String> all = new HashMap<>(headers);
        all.putAll(Map.of(
                "ce_specversion", "1.0",
                "ce_id", id,
                "ce_source", "urn:test",
                "ce_type", "io.wurstwerk.image.requested.v1",
                "content-type", "application/json"));
        prompts.send(all, 0, body.getBytes(UTF_8));
    }

    private static Span intakeSpan(Answer answer) throws Exception {
        return collector.await(span -> span.getName().equals("process wurstwerk.prompts")
                && attributes(span).get("wurstwerk.job.id").equals(answer.key()));
    }

    private static Span jobSpan(Answer answer, int attempt) throws Exception {
        return jobSpan(answer.key(), attempt);
    }

    private static Span jobSpan(String job, int attempt) throws Exception {
        return collector.await(span -> span.getName().equals("job")
                && attributes(span).get("wurstwerk.job.id").equals(job)
                && attributes(span).get("wurstwerk.attempt").equals(Integer.toString(attempt)));
    }

    /** The job's span is the last of its trace to end. */
    private static List<Span> trace(Span job) {
        return collector.spans().stream()
                .filter(span -> span.getTraceId().equals(job.getTraceId()))
                .toList();
    }

    private static Span span(List<Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String traceparent(Span span) {
        return "00-" + TraceText.hex(span.getTraceId()) + "-" + TraceText.hex(span.getSpanId()) + "-01";
    }

    private static Map<String, String> attributes(Span span) {
        return span.getAttributesList().stream()
                .collect(Collectors.toMap(attribute -> attribute.getKey(), TraceText::value, (a, _) -> a));
    }
}
