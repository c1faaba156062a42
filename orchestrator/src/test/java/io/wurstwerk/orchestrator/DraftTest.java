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
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.ApiClient;
import io.wurstwerk.orchestrator.stack.ApiClient.Answer;
import io.wurstwerk.orchestrator.stack.KeysResource;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.StackResource;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drafts and what becomes of them, over real parts. Only the models are replaced by cheap functions. */
@QuarkusTest
@WithTestResource(StackResource.class)
@WithTestResource(KeysResource.class)
class DraftTest {

    private static final String FIELDS = "\"prompt\": \"a green star\", \"prior_num_inference_steps\": 3,"
            + " \"num_inference_steps\": 2, \"width\": 128, \"height\": 128, \"seed\": 4294967295";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path objects;

    private static Parts parts;
    private static ApiClient acme;
    private static ApiClient bolt;

    @BeforeAll
    static void start() throws Exception {
        parts = new Parts(withBucket(objects));
        acme = new ApiClient(config("test.url"), KeysResource.ACME);
        bolt = new ApiClient(config("test.url"), KeysResource.BOLT);
        awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        parts.close();
    }

    @Test
    void aDraftEndsAfterStageCWithAPreviewAndLatentsThatCanBeRead() throws Exception {
        int decoded = parts.triton.calls("stage_b") + parts.triton.calls("stage_a");
        Answer draft = draft(acme, "");
        assertThat(parts.triton.calls("stage_b") + parts.triton.calls("stage_a"))
                .isEqualTo(decoded);
        assertThat(draft.body().path("draft").booleanValue()).isTrue();
        assertThat(draft.body().at("/request/parameters/draft").booleanValue()).isTrue();
        JsonNode image = draft.body().at("/images/0");
        assertThat(image.has("url")).isFalse();
        assertThat(image.path("seed").longValue()).isEqualTo(4294967295L);
        JsonNode preview = image.path("preview");
        byte[] png = bytes(preview);
        assertThat(preview.path("content_type").textValue()).isEqualTo("image/png");
        var picture = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(List.of(picture.getWidth(), picture.getHeight()))
                .containsExactly(
                        preview.path("width").intValue(), preview.path("height").intValue());
        assertThat(image.at("/latents/key").textValue())
                .matches("drafts/v1/[0-9a-f]{16}/" + draft.job() + "/0\\.latents");
        JsonNode api = Schemas.read(Document.OPENAPI);
        assertThat(Schemas.problems(Schemas.expanded(api.at("/components/schemas/Job"), api), draft.body()))
                .isEmpty();
        Answer redirect = acme.get("/v1/images/" + draft.job() + "/0");
        assertThat(redirect.status()).isEqualTo(302);
        assertThat(sha256(get(redirect.header("Location"))))
                .isEqualTo(preview.path("sha256").textValue());
    }

    @Test
    void aPromotedDraftIsThePictureThatWouldHaveBeenDrawn() throws Exception {
        Answer whole = acme.post("/v1/images", "{" + FIELDS + "}", "Prefer", "wait=60");
        Answer draft = draft(acme, "");
        int steps = parts.triton.calls("stage_c_interpolated");
        Answer promoted = acme.post("/v1/images/" + draft.job() + "/promote", "{}", "Prefer", "wait=60");
        assertThat(promoted.status()).isEqualTo(200);
        assertThat(promoted.state()).isEqualTo("completed");
        assertThat(promoted.job()).isNotEqualTo(draft.job());
        assertThat(parts.triton.calls("stage_c_interpolated")).isEqualTo(steps);
        assertThat(bytes(promoted.body().at("/images/0")))
                .isEqualTo(bytes(whole.body().at("/images/0")));
        for (String same : List.of("prior", "width", "height", "pipeline")) {
            assertThat(promoted.body().path(same)).isEqualTo(whole.body().path(same));
        }
        assertThat(promoted.body().path("draft").booleanValue()).isFalse();
        JsonNode parameters = promoted.body().at("/request/parameters");
        assertThat(parameters.path("promote").textValue()).isEqualTo(draft.job());
        assertThat(parameters.path("prompt").textValue()).isEqualTo("a green star");
        assertThat(parameters.path("num_inference_steps").intValue()).isEqualTo(2);
        JsonNode api = Schemas.read(Document.OPENAPI);
        assertThat(Schemas.problems(Schemas.expanded(api.at("/components/schemas/Job"), api), promoted.body()))
                .isEmpty();
    }

    @Test
    void aDraftCanBeFinishedOtherwiseAsOftenAsWanted() throws Exception {
        Answer draft = draft(acme, "");
        String webp = ", \"output_format\": \"webp\", \"output_quality\": 80, \"metadata\": \"full\"";
        assertSame(draft, webp, FIELDS + webp);
        String decoder = ", \"num_inference_steps\": 4, \"decoder_guidance_scale\": 2";
        assertSame(draft, decoder, FIELDS.replace("\"num_inference_steps\": 2, ", "") + decoder);
        String listed = ", \"decoder_timesteps\": [1, 0.5, 0]";
        assertSame(draft, listed, FIELDS.replace("\"num_inference_steps\": 2, ", "") + listed);
    }

    private static void assertSame(Answer draft, String changes, String whole) throws Exception {
        Answer promoted =
                acme.post("/v1/images", "{\"promote\": \"" + draft.job() + "\"" + changes + "}", "Prefer", "wait=60");
        assertThat(promoted.state()).isEqualTo("completed");
        Answer drawn = acme.post("/v1/images", "{" + whole + "}", "Prefer", "wait=60");
        assertThat(bytes(promoted.body().at("/images/0")))
                .isEqualTo(bytes(drawn.body().at("/images/0")));
        assertThat(promoted.body().at("/images/0/content_type"))
                .isEqualTo(drawn.body().at("/images/0/content_type"));
    }

    @Test
    void aDraftOfTwoImagesIsFinishedAsAWholeOrInPart() throws Exception {
        Answer whole = acme.post("/v1/images", "{" + FIELDS + ", \"num_images_per_prompt\": 2}", "Prefer", "wait=60");
        Answer draft = draft(acme, ", \"num_images_per_prompt\": 2");
        String path = "/v1/images/" + draft.job() + "/promote";
        Answer both = acme.post(path, "{}", "Prefer", "wait=60");
        assertThat(both.body().path("images").findValuesAsText("sha256"))
                .hasSize(2)
                .isEqualTo(whole.body().path("images").findValuesAsText("sha256"));
        Answer first = acme.post(path, "{\"num_images_per_prompt\": 1}", "Prefer", "wait=60");
        assertThat(first.body().path("images").findValuesAsText("sha256"))
                .containsExactly(whole.body().at("/images/0/sha256").textValue());
        Answer third = acme.post(path, "{\"num_images_per_prompt\": 3}", "Prefer", "wait=60");
        assertThat(third.state()).isEqualTo("failed");
        assertThat(third.body().at("/error/code").textValue()).isEqualTo("draft_not_found");
    }

    @Test
    void whatIsNoDraftOfTheTenantIsRefusedAtTheDoor() throws Exception {
        Answer draft = draft(acme, "");
        Answer whole = acme.post("/v1/images", "{" + FIELDS + "}", "Prefer", "wait=60");
        String never = JobId.of(new Origin("acme", "urn:x", "never")).value();
        Answer foreign = bolt.post("/v1/images/" + draft.job() + "/promote", "{}");
        assertThat(foreign.status()).isEqualTo(404);
        assertThat(foreign.body())
                .isEqualTo(acme.post("/v1/images/" + never + "/promote", "{}").body());
        assertPromoteRefused(bolt.post("/v1/images", promote(draft.job())));
        assertPromoteRefused(acme.post("/v1/images", promote(never)));
        assertPromoteRefused(acme.post("/v1/images", promote(whole.job())));
        assertPromoteRefused(acme.post("/v1/images/" + whole.job() + "/promote", "{}"));
        assertPromoteRefused(acme.post("/v1/images/" + draft.job() + "/promote", promote(draft.job())));
        Answer wrong = acme.post("/v1/images/" + draft.job() + "/promote", "{\"seed\": 5, \"prompt\": \"b\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.body().path("problems").findValuesAsText("field")).containsExactly("prompt", "seed");
        assertThat(acme.post("/v1/images/" + draft.job() + "/promote", "[]").status())
                .isEqualTo(400);
    }

    @Test
    void anEventThatPromotesWhatIsNotThereFailsAndOneOfTheTenantsDraftIsDrawn() throws Exception {
        Answer draft = draft(acme, "");
        try (var prompts = new Prompts(config("kafka.bootstrap.servers"));
                var answers = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.images", 3)) {
            send(prompts, "bolt", "stolen", draft.job());
            send(
                    prompts,
                    "acme",
                    "never",
                    JobId.of(new Origin("acme", "urn:x", "never")).value());
            send(prompts, "acme", "own", draft.job());
            for (String id : List.of("stolen", "never")) {
                JsonNode failed = answers.to(id).data();
                assertThat(failed.path("state").textValue()).isEqualTo("failed");
                assertThat(failed.at("/error/code").textValue()).isEqualTo("draft_not_found");
                assertThat(Schemas.problems(Document.FAILED, failed)).isEmpty();
            }
            JsonNode own = answers.to("own").data();
            assertThat(own.path("state").textValue()).isEqualTo("completed");
            assertThat(Schemas.problems(Document.COMPLETED, own)).isEmpty();
        }
    }

    @Test
    void anOutageOfTheStoreDelaysAPromotion() throws Exception {
        Answer draft = draft(acme, "");
        parts.store.close();
        try {
            try (var prompts = new Prompts(config("kafka.bootstrap.servers"))) {
                send(prompts, "acme", "storeless", draft.job());
            }
            String job = JobId.of(new Origin("acme", "urn:shop", "storeless")).value();
            await(() -> acme.get("/v1/images/" + job)
                    .body()
                    .path("waiting_for")
                    .asText()
                    .equals("store"));
        } finally {
            parts.startStore();
        }
        String job = JobId.of(new Origin("acme", "urn:shop", "storeless")).value();
        await(() -> "completed".equals(acme.get("/v1/images/" + job).state()));
    }

    private static void assertPromoteRefused(Answer refused) {
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().path("problems").findValuesAsText("field")).containsExactly("promote");
    }

    private static String promote(String job) {
        return "{\"promote\": \"" + job + "\"}";
    }

    private static void send(Prompts prompts, String tenant, String id, String draft) throws Exception {
        prompts.send(
                Map.of(
                        "ce_specversion",
                        "1.0",
                        "ce_id",
                        id,
                        "ce_source",
                        "urn:shop",
                        "ce_type",
                        "io.wurstwerk.image.requested.v1",
                        "ce_tenantid",
                        tenant),
                0,
                promote(draft).getBytes(UTF_8));
    }

    private static Answer draft(ApiClient client, String more) throws Exception {
        Answer draft = client.post("/v1/images", "{" + FIELDS + more + ", \"draft\": true}", "Prefer", "wait=60");
        assertThat(draft.status()).isEqualTo(200);
        assertThat(draft.state()).isEqualTo("completed");
        return draft;
    }

    private static byte[] bytes(JsonNode file) throws Exception {
        byte[] bytes = get(file.path("url").textValue());
        assertThat(bytes).hasSize(file.path("size").intValue());
        assertThat(sha256(bytes)).isEqualTo(file.path("sha256").textValue());
        return bytes;
    }

    private static byte[] get(String url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray())
                .body();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
