package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.awaitReady;
import static io.wurstwerk.orchestrator.stack.Parts.config;
import static io.wurstwerk.orchestrator.stack.Parts.withBucket;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.ApiClient;
import io.wurstwerk.orchestrator.stack.ApiClient.Answer;
import io.wurstwerk.orchestrator.stack.ApiClient.Told;
import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import io.wurstwerk.orchestrator.stack.Issuer;
import io.wurstwerk.orchestrator.stack.KeysResource;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.StackResource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP API over real parts, with two tenants. Only the models are replaced by cheap functions. */
@QuarkusTest
@WithTestResource(StackResource.class)
@WithTestResource(KeysResource.class)
class ApiTest {

    private static final String CANARY = "lithographic-canary";
    private static final String FIELDS =
            "\"prior_num_inference_steps\": 3, \"num_inference_steps\": 2," + " \"width\": 128, \"height\": 128";
    private static final String QUICK = "{\"prompt\": \"a " + CANARY + "\", " + FIELDS + "}";

    @TempDir
    static Path objects;

    private static Parts parts;
    private static ApiClient acme;
    private static ApiClient bolt;
    private static ApiClient stranger;

    @BeforeAll
    static void start() throws Exception {
        parts = new Parts(withBucket(objects));
        acme = new ApiClient(config("test.url"), KeysResource.ACME);
        bolt = new ApiClient(config("test.url"), KeysResource.BOLT);
        stranger = new ApiClient(config("test.url"), null);
        awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        parts.close();
    }

    @AfterEach
    void calm() throws Exception {
        parts.triton.mood = Mood.FINE;
        parts.triton.release();
        await(() -> acme.get("/v1/lanes").body().path("open_jobs").asInt(-1) == 0);
    }

    @Test
    void aRequestBecomesAJobThatIsFoundWithImagesThatCanBeRead() throws Exception {
        Answer posted = acme.post("/v1/images", QUICK, "Prefer", "respond-async, wait=60");
        assertThat(posted.status()).isEqualTo(200);
        assertThat(posted.state()).isEqualTo("completed");
        assertThat(posted.header("Location")).isEqualTo("/v1/images/" + posted.job());
        assertThat(posted.header("Preference-Applied")).isEqualTo("wait=60");
        Answer found = acme.get(posted.header("Location"));
        assertThat(found.status()).isEqualTo(200);
        assertThat(found.body().path("tenant").textValue()).isEqualTo("acme");
        assertThat(found.body().at("/request/source").textValue()).isEqualTo("http:/v1/images");
        assertThat(found.body().at("/request/parameters/prompt").textValue()).isEqualTo("a " + CANARY);
        assertThat(found.body().at("/request/parameters/num_inference_steps").intValue())
                .isEqualTo(2);
        assertThat(found.body().path("timings").path("total").doubleValue()).isPositive();
        assertThat(Instant.parse(found.body().path("finished_at").textValue()))
                .isAfter(Instant.parse(found.body().path("submitted_at").textValue()));
        JsonNode image = found.body().at("/images/0");
        assertThat(image.path("seed").longValue())
                .isEqualTo(found.body().at("/request/parameters/seed").longValue());
        assertThat(bytes(image.path("url").textValue()))
                .hasSize(image.path("size").intValue());
        Answer redirect = acme.get(posted.header("Location") + "/0");
        assertThat(redirect.status()).isEqualTo(302);
        assertThat(bytes(redirect.header("Location")))
                .isEqualTo(bytes(image.path("url").textValue()));
        assertThat(acme.get(posted.header("Location") + "/1").status()).isEqualTo(404);
        assertThat(manifests()).contains(posted.job());
    }

    @Test
    void whatIsEchoedDrawsTheSameAgain() throws Exception {
        Answer first = acme.post("/v1/images", QUICK, "Prefer", "wait=60");
        String parameters = first.body().at("/request/parameters").toString();
        Answer again = acme.post("/v1/images", parameters, "Prefer", "wait=60");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.job()).isNotEqualTo(first.job());
        assertThat(again.body().at("/images/0/sha256").textValue())
                .isEqualTo(first.body().at("/images/0/sha256").textValue());
    }

    @Test
    void jobsOfEventsAreFoundByTheirTenantToo() throws Exception {
        try (var prompts = new Prompts(config("kafka.bootstrap.servers"));
                var answers = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.images", 3)) {
            prompts.send(
                    Map.of(
                            "ce_specversion",
                            "1.0",
                            "ce_id",
                            "by-event",
                            "ce_source",
                            "urn:shop",
                            "ce_type",
                            "io.wurstwerk.image.requested.v1",
                            "ce_tenantid",
                            "bolt"),
                    0,
                    QUICK.getBytes(UTF_8));
            answers.to("by-event");
        }
        String job = JobId.of(new Origin("bolt", "urn:shop", "by-event")).value();
        await(() -> "completed".equals(bolt.get("/v1/images/" + job).state()));
        assertThat(acme.get("/v1/images/" + job).status()).isEqualTo(404);
    }

    @Test
    void withoutAKnownKeyNothingIsTold() throws Exception {
        ApiClient wrong = new ApiClient(config("test.url"), "acme");
        ApiClient expired = tokenOf("acme", claims -> claims.setExpirationTimeMinutesInTheFuture(-1));
        ApiClient elsewhere = tokenOf("acme", claims -> claims.setAudience("another"));
        ApiClient foreign = new ApiClient(config("test.url"), Issuer.sign(claims("acme"), Issuer.key("first")));
        for (ApiClient client : List.of(stranger, wrong, expired, elsewhere, foreign)) {
            for (String path : List.of("/v1/images", "/v1/checkpoints", "/v1/lanes", "/v1/images/x/events")) {
                Answer refused = client.get(path);
                assertProblem(refused, 401, "unauthorized");
                assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
            }
            assertProblem(client.post("/v1/images", QUICK), 401, "unauthorized");
            assertThat(client.post("/v1/images/generations", QUICK)
                            .body()
                            .at("/error/code")
                            .textValue())
                    .isEqualTo("unauthorized");
        }
    }

    @Test
    void anotherTenantsJobIsAsUnknownAsOneThatNeverWas() throws Exception {
        assertApart(acme, bolt);
    }

    @Test
    void tokensSayWhoOneIsAsWellAsKeysDo() throws Exception {
        ApiClient acmesToken = tokenOf("acme", _ -> {});
        assertApart(acmesToken, bolt);
        assertApart(acme, tokenOf("bolt", _ -> {}));
        assertThat(jobsOf(acmesToken)).isNotEmpty().isEqualTo(jobsOf(acme));
    }

    private static List<String> jobsOf(ApiClient tenant) throws Exception {
        return tenant.get("/v1/images?limit=100")
                .body()
                .path("jobs")
                .valueStream()
                .map(job -> job.path("job_id").asText())
                .toList();
    }

    private static void assertApart(ApiClient acme, ApiClient bolt) throws Exception {
        Answer posted = acme.post("/v1/images", QUICK, "Prefer", "wait=60");
        String path = "/v1/images/" + posted.job();
        String never = "/v1/images/" + JobId.of(new Origin("acme", "urn:x", "never"));
        for (String ending : List.of("", "/0", "/events")) {
            Answer foreign = bolt.get(path + ending);
            assertProblem(foreign, 404, "not_found");
            assertThat(foreign.body()).isEqualTo(acme.get(never + ending).body());
        }
        assertProblem(bolt.delete(path), 404, "not_found");
        assertThat(bolt.get("/v1/images?limit=100").body().toString()).doesNotContain(posted.job());
        assertThat(acme.get("/v1/images?limit=100").body().toString()).contains(posted.job());
        assertProblem(acme.get("/v1/images/none"), 404, "not_found");
    }

    @Test
    void oneKeyAndBodyIsOneJobAndAnotherBodyIsAConflict() throws Exception {
        parts.triton.hold();
        Answer first = acme.post("/v1/images", QUICK, "Idempotency-Key", "order-17");
        assertThat(first.status()).isEqualTo(202);
        assertThat(first.job())
                .isEqualTo(JobId.of(new Origin("acme", "http:/v1/images", "order-17"))
                        .value());
        Answer same = acme.post("/v1/images", QUICK.replace(":", " : "), "Idempotency-Key", "order-17");
        assertThat(same.status()).isEqualTo(202);
        assertThat(same.job()).isEqualTo(first.job());
        assertProblem(
                acme.post("/v1/images", QUICK.replace("128", "256"), "Idempotency-Key", "order-17"), 409, "conflict");
        Answer others = bolt.post("/v1/images", QUICK.replace("128", "256"), "Idempotency-Key", "order-17");
        assertThat(others.status()).isEqualTo(202);
        parts.triton.release();
        await(() -> "completed".equals(acme.get("/v1/images/" + first.job()).state()));
        assertThat(acme.post("/v1/images", QUICK, "Idempotency-Key", "order-17").status())
                .isEqualTo(200);
    }

    @Test
    void aConflictWithAnEventIsToldAtTheDoorToo() throws Exception {
        parts.triton.hold();
        try (var prompts = new Prompts(config("kafka.bootstrap.servers"))) {
            prompts.send(
                    Map.of(
                            "ce_specversion",
                            "1.0",
                            "ce_id",
                            "taken",
                            "ce_source",
                            "http:/v1/images",
                            "ce_type",
                            "io.wurstwerk.image.requested.v1",
                            "ce_tenantid",
                            "acme"),
                    0,
                    QUICK.getBytes(UTF_8));
        }
        assertProblem(
                acme.post("/v1/images", QUICK.replace("128", "256"), "Idempotency-Key", "taken"), 409, "conflict");
    }

    @Test
    void aWrongRequestIsRefusedWithEveryWrongField() throws Exception {
        String wrong = "{\"prompt\": \"" + CANARY + "\", \"width\": 100, \"num_images_per_prompt\": 9, \"colour\": 1}";
        for (String path : List.of("/v1/images", "/v1/quote")) {
            Answer refused = acme.post(path, wrong);
            assertProblem(refused, 400, "invalid_request");
            assertThat(refused.body().path("problems").findValuesAsText("field"))
                    .containsExactly("width", "num_images_per_prompt", "colour");
            assertProblem(acme.post(path, "{\"prompt\": \"" + CANARY + "\", oops}"), 400, "unreadable");
            assertProblem(acme.post(path, "{\"prompt\": \"" + "a".repeat(70_000) + "\"}"), 413, "too_large");
            assertProblem(
                    acme.send(acme.request(path)
                            .header("Content-Type", "text/plain")
                            .POST(BodyPublishers.ofString(QUICK))),
                    415,
                    "unsupported_media_type");
            assertProblem(
                    acme.send(acme.request(path).POST(BodyPublishers.ofString(QUICK))), 415, "unsupported_media_type");
            assertProblem(acme.post(path, QUICK, "Accept", "text/html"), 406, "not_acceptable");
        }
        assertProblem(acme.post("/v1/images", QUICK, "Idempotency-Key", "k".repeat(256)), 400, "invalid_request");
        for (String query : List.of("limit=0", "limit=101", "limit=x", "limit=", "limit", "cursor=%00", "cursor=")) {
            assertProblem(acme.get("/v1/images?" + query), 400, "invalid_request");
        }
    }

    @Test
    void aPathTellsWhatItCanBeAskedFor() throws Exception {
        Map<String, String> allowed = Map.of(
                "/v1/images", "GET, HEAD, POST, OPTIONS",
                "/v1/images/generations", "POST, OPTIONS",
                "/v1/images/none", "GET, HEAD, DELETE, OPTIONS",
                "/v1/images/none/0", "GET, HEAD, OPTIONS",
                "/v1/images/none/promote", "POST, OPTIONS",
                "/v1/quote", "POST, OPTIONS",
                "/v1/lanes", "GET, HEAD, OPTIONS",
                "/openapi.yaml", "GET, HEAD, OPTIONS");
        for (Map.Entry<String, String> each : allowed.entrySet()) {
            String path = each.getKey();
            Answer wrong = acme.send(acme.request(path)
                    .header("Content-Type", "application/json")
                    .method("PUT", BodyPublishers.ofString("{}")));
            assertThat(wrong.status()).as(path).isEqualTo(405);
            assertThat(wrong.header("Allow")).as(path).isEqualTo(each.getValue());
            Answer asked = acme.send(acme.request(path).method("OPTIONS", BodyPublishers.noBody()));
            assertThat(asked.header("Allow")).as(path).isEqualTo(each.getValue());
        }
    }

    @Test
    void aTenantThatHasTooManyOpenJobsIsToldWhenToComeBackAndOthersAreNot() throws Exception {
        parts.triton.hold();
        for (int i = 0; i < KeysResource.OPEN_JOBS; i++) {
            assertThat(acme.post("/v1/images", QUICK).status()).isEqualTo(202);
        }
        Answer refused = acme.post("/v1/images", QUICK);
        assertProblem(refused, 429, "quota_exceeded");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
        assertThat(bolt.post("/v1/images", QUICK).status()).isEqualTo(202);
    }

    @Test
    void theListIsPagedNewestFirst() throws Exception {
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jobs.addFirst(bolt.post("/v1/images", QUICK, "Prefer", "wait=60").job());
        }
        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = bolt.get("/v1/images?limit=2" + cursor);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.body().path("jobs").size()).isLessThanOrEqualTo(2);
            page.body()
                    .path("jobs")
                    .forEach(job -> listed.add(job.path("job_id").textValue()));
            cursor = page.body().has("next")
                    ? "&cursor=" + page.body().get("next").textValue()
                    : null;
        } while (cursor != null);
        assertThat(listed).doesNotHaveDuplicates().containsSubsequence(jobs);
        assertThat(listed.subList(0, 3)).isEqualTo(jobs);
    }

    @Test
    void theEventStreamTellsTheStoryAndGoesOnWhereAClientLeftIt() throws Exception {
        parts.triton.hold();
        String path = "/v1/images/" + acme.post("/v1/images", QUICK).job() + "/events";
        HttpResponse<Stream<String>> stream = acme.open(path);
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        Iterator<String> lines = stream.body().iterator();
        List<Told> events = new ArrayList<>(ApiClient.read(lines, "started"));
        parts.triton.release();
        events.addAll(ApiClient.read(lines, null));
        List<String> kinds = events.stream().map(Told::event).distinct().toList();
        // Steps come over a topic of their own, and may be a little ahead of the start.
        assertThat(kinds).containsExactlyInAnyOrder("accepted", "started", "step", "preview", "image", "terminal");
        assertThat(kinds).first().isEqualTo("accepted");
        assertThat(kinds).endsWith("image", "terminal");
        assertThat(events.getFirst().data().path("state").textValue()).isIn("accepted", "running");
        assertThat(events.getLast().data().path("state").textValue()).isEqualTo("completed");
        Told image = events.get(events.size() - 2);
        assertThat(bytes(image.data().path("url").textValue()))
                .hasSize(image.data().path("size").intValue());
        Told started = events.stream()
                .filter(told -> told.event().equals("started"))
                .findFirst()
                .orElseThrow();
        assertThat(ApiClient.read(acme.open(path, "Last-Event-ID", started.id()).body()))
                .extracting(Told::event)
                .containsExactly("image", "terminal");
        assertThat(ApiClient.read(acme.open(path).body()))
                .extracting(Told::event)
                .containsExactly("accepted", "started", "image", "terminal");
        assertThat(acme.open(path, "Last-Event-ID", events.getLast().id()).statusCode())
                .isEqualTo(204);
        assertProblem(acme.get(path, "Accept", "application/json"), 406, "not_acceptable");
    }

    @Test
    void manyWatchersOfOneJobAllSeeItsEnd() throws Exception {
        parts.triton.hold();
        String path = "/v1/images/" + acme.post("/v1/images", QUICK).job() + "/events";
        int watchers = 200;
        var opened = new CountDownLatch(watchers);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Told>>> all = new ArrayList<>();
            for (int i = 0; i < watchers; i++) {
                Callable<List<Told>> watching = () -> {
                    Iterator<String> lines = acme.open(path).body().iterator();
                    List<Told> events = new ArrayList<>(ApiClient.read(lines, "accepted"));
                    opened.countDown();
                    events.addAll(ApiClient.read(lines, null));
                    return events;
                };
                all.add(threads.submit(watching));
            }
            assertThat(opened.await(60, TimeUnit.SECONDS)).isTrue();
            parts.triton.release();
            Set<String> ends = new HashSet<>();
            for (Future<List<Told>> one : all) {
                Told last = one.get(60, TimeUnit.SECONDS).getLast();
                assertThat(last.event()).isEqualTo("terminal");
                ends.add(last.id() + last.data());
            }
            assertThat(ends).hasSize(1);
        }
    }

    @Test
    void aJobIsCancelledByItsTenant() throws Exception {
        parts.triton.hold();
        Answer posted = acme.post("/v1/images", QUICK);
        assertThat(posted.status()).isEqualTo(202);
        assertThat(posted.state()).isIn("submitted", "accepted", "running");
        Answer cancelled = acme.delete("/v1/images/" + posted.job());
        assertThat(cancelled.status()).isEqualTo(202);
        List<Told> events = ApiClient.read(
                acme.open("/v1/images/" + posted.job() + "/events").body());
        assertThat(events.getLast().data().path("state").textValue()).isEqualTo("cancelled");
        assertThat(events.getLast().data().at("/error/code").textValue()).isEqualTo("cancelled");
        assertThat(acme.delete("/v1/images/" + posted.job()).status()).isEqualTo(200);
    }

    @Test
    void aJobThatIsNotDoneInTimeIsAnsweredAsItIs() throws Exception {
        parts.triton.hold();
        Answer posted = acme.post("/v1/images", QUICK, "Prefer", "wait=1");
        assertThat(posted.status()).isEqualTo(202);
        assertThat(posted.header("Preference-Applied")).isEqualTo("wait=1");
        assertThat(posted.state()).isIn("accepted", "running");
    }

    @Test
    void aJobInLineKnowsHowManyAreBeforeIt() throws Exception {
        parts.triton.hold();
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < KeysResource.OPEN_JOBS; i++) {
            jobs.add(acme.post("/v1/images", QUICK).job());
        }
        // Two are drawn at once, so of four the last has one before it.
        await(() ->
                acme.get("/v1/images/" + jobs.getLast()).body().path("position").asInt(-1) == 1);
        JsonNode quote = acme.post("/v1/quote", QUICK).body();
        assertThat(quote.path("position").intValue()).isEqualTo(2);
    }

    @Test
    void whatCanBeDrawnAndAtWhatCostIsToldWithoutDrawing() throws Exception {
        int asked = parts.triton.calls("text_encoder_prior");
        JsonNode checkpoints = ok(acme.get("/v1/checkpoints"));
        assertThat(checkpoints.path("checkpoints").findValuesAsText("name")).contains("interpolated");
        JsonNode quote = ok(acme.post("/v1/quote", QUICK));
        JsonNode four =
                ok(acme.post("/v1/quote", QUICK.replace("{\"prompt", "{\"num_images_per_prompt\": 4, \"prompt")));
        assertThat(quote.path("seconds").doubleValue()).isPositive();
        assertThat(four.path("seconds").doubleValue())
                .isEqualTo(4 * quote.path("seconds").doubleValue());
        assertThat(quote.path("position").intValue()).isZero();
        assertThat(Instant.parse(quote.path("finishes_at").textValue())).isAfter(Instant.EPOCH);
        JsonNode lanes = ok(acme.get("/v1/lanes"));
        assertThat(lanes.at("/lanes/0/ready").booleanValue()).isTrue();
        assertThat(parts.triton.calls("text_encoder_prior")).isEqualTo(asked);
    }

    private static JsonNode ok(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void theContractIsServedWithoutAKey() throws Exception {
        assertThat(stranger.get("/openapi.yaml").response().body()).startsWith("openapi: 3.1");
        Answer moved = stranger.get("/asyncapi.yaml");
        assertThat(moved.status()).isEqualTo(308);
        assertThat(stranger.get(moved.header("Location")).response().body()).startsWith("asyncapi: 3.0");
        assertThat(ok(stranger.get("/contract/errors")).at("/conflict/status").intValue())
                .isEqualTo(409);
        Answer page = stranger.get("/contract/errors", "Accept", "text/html,*/*");
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.response().body()).contains("<h2 id=\"conflict\">");
        Answer schema = stranger.get("/contract/events/completed.schema.json");
        assertThat(schema.header("Content-Type")).startsWith("application/schema+json");
        assertThat(ok(schema).path("type").textValue()).isEqualTo("object");
        assertProblem(stranger.get("/contract/events/..%2Ferrors.json"), 404, "not_found");
        assertProblem(stranger.get("/contract/events/none.schema.json"), 404, "not_found");
    }

    @Test
    void openAisClientsGetTheirImages() throws Exception {
        String path = "/v1/images/generations";
        Answer urls = acme.post(
                path, "{\"prompt\": \"" + CANARY + "\", \"n\": 2, \"size\": \"128x128\", \"model\": \"dall-e-2\"}");
        assertThat(urls.status()).isEqualTo(200);
        assertThat(urls.body().path("created").longValue()).isPositive();
        assertThat(urls.body().path("data").size()).isEqualTo(2);
        assertThat(bytes(urls.body().at("/data/1/url").textValue())).startsWith(0x89, 'P', 'N', 'G');
        Answer inline = acme.post(
                path,
                "{\"prompt\": \"" + CANARY + "\", \"size\": \"128x128\", \"response_format\": \"b64_json\","
                        + " \"n\": null, \"user\": \"me\"}");
        assertThat(Base64.getDecoder()
                        .decode(inline.body().at("/data/0/b64_json").textValue()))
                .startsWith(0x89, 'P', 'N', 'G');
        JsonNode wrong =
                acme.post(path, "{\"prompt\": \"" + CANARY + "\", \"n\": 9}").body();
        assertThat(wrong.at("/error/code").textValue()).isEqualTo("invalid_request");
        assertThat(wrong.at("/error/param").textValue()).isEqualTo("n");
        assertThat(wrong.at("/error/type").textValue()).isEqualTo("invalid_request_error");
        parts.triton.mood = Mood.REFUSING;
        Answer failed = acme.post(path, "{\"prompt\": \"" + CANARY + "\", \"size\": \"128x128\"}");
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.header("x-should-retry")).isEqualTo("false");
        assertThat(failed.body().at("/error/code").textValue()).isEqualTo("model_rejected");
    }

    @Test
    void neitherPromptsNorKeysNorJobsAreInLogsOrMetrics() throws Exception {
        Answer posted = acme.post("/v1/images", QUICK, "Prefer", "wait=60", "Idempotency-Key", "quiet");
        acme.post("/v1/images", "{\"prompt\": \"" + CANARY + "\", \"" + CANARY + "\": 1}");
        acme.get("/v1/images/" + posted.job());
        ApiClient.read(acme.open("/v1/images/" + posted.job() + "/events").body());
        String metrics = stranger.get("/q/metrics").response().body();
        assertThat(metrics)
                .contains("uri=\"/v1/images/{job}\"")
                .doesNotContain(CANARY)
                .doesNotContain(posted.job())
                .doesNotContain("acme");
        assertThat(Files.readString(StackResource.LOG))
                .contains(posted.job())
                .doesNotContain(CANARY)
                .doesNotContain(KeysResource.ACME);
    }

    private static ApiClient tokenOf(String tenant, Consumer<JwtClaims> change) throws Exception {
        JwtClaims claims = claims(tenant);
        change.accept(claims);
        RsaJsonWebKey key = (RsaJsonWebKey) JsonWebKey.Factory.newJwk(config(KeysResource.ISSUER_KEY));
        return new ApiClient(config("test.url"), Issuer.sign(claims, key));
    }

    private static JwtClaims claims(String tenant) {
        return Issuer.claims(config("wurstwerk.tenants.oidc.issuer"), tenant, Instant.now());
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.body().path("code").textValue()).isEqualTo(code);
        assertThat(answer.body().path("status").intValue()).isEqualTo(status);
        assertThat(answer.body().path("type").textValue()).isEqualTo("/contract/errors#" + code);
        assertThat(answer.response().body()).doesNotContain(CANARY);
    }

    private static byte[] bytes(String url) throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private static List<String> manifests() throws Exception {
        try (Stream<Path> files = Files.walk(objects)) {
            return files.filter(file -> file.endsWith("manifest.json"))
                    .map(file -> file.getParent().getFileName().toString())
                    .toList();
        }
    }
}
