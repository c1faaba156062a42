package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jobs}, {@code cancel} and {@code quote} against a server that answers as the OpenAPI document says. */
final class ApiCommandsTest {
    private static final String UNKNOWN = "a".repeat(52);

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @SuppressWarnings("NullAway.Init")
    private FakeApi api;

    @BeforeEach
    void start() throws Exception {
        api = new FakeApi(Optional.empty());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void jobsAreListedNewestFirst() {
        String circle = api.add("completed", "a red circle");
        String star = api.add("running", "a star\u001b[2J that\nis " + "very ".repeat(10) + "green");

        assertThat(run("jobs", "--url", api.url() + "/")).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).matches("JOB {51}STATE {6}AGE {10}PROMPT");
        assertThat(lines.get(1))
                .startsWith(star + "  running    ")
                .endsWith("  a star [2J that is very very very very …");
        assertThat(lines.get(2)).startsWith(circle + "  completed  ").endsWith("  a red circle");
    }

    @Test
    void asManyAsAskedForAreFetchedPageByPage() throws Exception {
        for (int i = 0; i < 230; i++) {
            api.add("completed", "a star");
        }

        assertThat(run("jobs", "--url", api.url(), "--limit", "220", "--json")).isZero();

        JsonNode list = json();
        assertThat(list.path("jobs").size()).isEqualTo(220);
        assertThat(list.path("more").asBoolean()).isTrue();
        assertThat(api.asked())
                .containsExactly(
                        "GET /v1/images?limit=100",
                        "GET /v1/images?limit=100&cursor=100",
                        "GET /v1/images?limit=20&cursor=200");
    }

    @Test
    void oneJobIsShownWithItsFacts() throws Exception {
        String star = api.add("running", "a star");

        assertThat(run("jobs", "--url", api.url(), star)).isZero();

        assertThat(out.toString().lines())
                .contains("job        " + star, "state      running", "prompt     a star")
                .anyMatch(line -> line.startsWith("submitted  2026-11-26T12:00:00Z ("));
    }

    @Test
    void aJobThatIsNotThereIsSaid() throws Exception {
        assertThat(run("jobs", "--url", api.url(), UNKNOWN)).isEqualTo(1);
        assertThat(err.toString().lines()).containsExactly("wurstwerk: not_found: There is nothing here");
        assertThat(out.toString()).isEmpty();

        assertThat(run("jobs", "--url", api.url(), UNKNOWN, "--json")).isEqualTo(1);
        assertThat(json().path("error").path("code").asText()).isEqualTo("not_found");
    }

    @Test
    void whatCannotBeAJobIsNeverSent() {
        assertThat(run("jobs", "--url", api.url(), "../../q/metrics")).isEqualTo(2);
        assertThat(run("cancel", "--url", api.url(), UNKNOWN, "x")).isEqualTo(2);
        assertThat(err.toString()).contains("'x' is not a job's id: ./wurstwerk jobs lists them");
        assertThat(api.asked()).isEmpty();
    }

    @Test
    void jobsAreCancelledOneByOneAndEachIsTold() throws Exception {
        String done = api.add("completed", "a circle");
        String open = api.add("accepted", "a star");

        assertThat(run("cancel", "--url", api.url(), done, UNKNOWN, open)).isEqualTo(1);

        assertThat(out.toString().lines()).containsExactly(done + " had ended: completed", open + " is asked to stop");
        assertThat(err.toString().lines())
                .containsExactly("wurstwerk: " + UNKNOWN + ": not_found: There is nothing here");
        assertThat(api.asked())
                .containsExactly(
                        "DELETE /v1/images/" + done, "DELETE /v1/images/" + UNKNOWN, "DELETE /v1/images/" + open);
    }

    @Test
    void cancelsAreOneObjectToo() throws Exception {
        String open = api.add("running", "a star");

        assertThat(run("cancel", "--url", api.url(), open, UNKNOWN, "--json")).isEqualTo(1);

        JsonNode jobs = json().path("jobs");
        assertThat(jobs.path(0).path("job_id").asText()).isEqualTo(open);
        assertThat(jobs.path(0).path("state").asText()).isEqualTo("running");
        assertThat(jobs.path(1).path("job_id").asText()).isEqualTo(UNKNOWN);
        assertThat(jobs.path(1).path("error").path("code").asText()).isEqualTo("not_found");
    }

    @Test
    void aQuoteSaysWorkLineAndEnd() throws Exception {
        assertThat(run("quote", "--url", api.url(), "a star", "--images", "4", "--steps", "9"))
                .isZero();
        assertThat(out.toString())
                .startsWith("about 12.3 s of work, 2 jobs before it, finished in about ")
                .endsWith(" (2026-11-26T12:00:30Z)\n");
        assertThat(api.asked())
                .containsExactly("POST /v1/quote {\"prompt\":\"a star\",\"num_images_per_prompt\":4,"
                        + "\"prior_num_inference_steps\":9}");

        assertThat(run("quote", "--url", api.url(), "a star", "--json")).isZero();
        assertThat(json().toString())
                .isEqualTo("{\"seconds\":12.34,\"position\":2,\"finishes_at\":\"2026-11-26T12:00:30Z\"}");
    }

    @Test
    void everyWrongFieldIsNamed() throws Exception {
        assertThat(run("quote", "--url", api.url(), "", "--width", "200")).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "wurstwerk: invalid_request: The request is wrong", "  prompt: is wrong", "  width: is wrong");

        assertThat(run("quote", "--url", api.url(), "", "--json")).isEqualTo(1);
        assertThat(json().toString())
                .isEqualTo("{\"error\":{\"code\":\"invalid_request\","
                        + "\"message\":\"invalid_request: The request is wrong\"},"
                        + "\"problems\":[{\"field\":\"prompt\",\"message\":\"is wrong\"}]}");
    }

    @Test
    void aKeyIsSentAndALackOfOneExplained() throws Exception {
        try (FakeApi locked = new FakeApi(Optional.of("secret"));
                ApiClient with = new ApiClient(URI.create(locked.url()), Optional.of("secret"))) {
            String star = locked.add("running", "a star");

            assertThat(run("jobs", "--url", locked.url())).isEqualTo(1);
            assertThat(err.toString().lines())
                    .containsExactly("wurstwerk: unauthorized: There is no valid API key: put the API key into"
                            + " WURSTWERK_API_KEY");
            assertThat(with.job(star).path("state").asText()).isEqualTo("running");
        }
    }

    @Test
    void aKeyIsReadFromStandardInputWhenAskedFor() throws Exception {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("secret\n".getBytes(StandardCharsets.UTF_8)));
        try (FakeApi locked = new FakeApi(Optional.of("secret"))) {
            assertThat(run("jobs", "--url", locked.url(), "--api-key")).isZero();
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void nothingThatRunsIsSaidWithWhatToDo() throws Exception {
        assertThat(run("jobs", "--data", folder.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly("wurstwerk: no stack runs on " + folder
                        + ": start one with ./wurstwerk up, or name another with --url");

        assertThat(run("quote", "a star", "--data", folder.toString(), "--json"))
                .isEqualTo(1);
        assertThat(json().path("error").path("code").asText()).isEqualTo("unreachable");
    }

    @Test
    void anAddressWhereNobodyAnswersIsNamed() {
        String url = api.url();
        api.close();

        assertThat(run("jobs", "--url", url)).isEqualTo(1);
        assertThat(err.toString()).startsWith("wurstwerk: no Wurstwerk answers at " + url + ": ");
    }

    @Test
    void anAddressThatIsNoneIsBadUsage() {
        for (String url :
                List.of("localhost:8080", "ftp://host", "http://", "http://me:secret@host", "http://h/?a=b")) {
            assertThat(run("jobs", "--url", url)).as(url).isEqualTo(2);
        }
    }

    @Test
    void simulationsAreOneObjectToo() throws Exception {
        assertThat(run("simulate", "--seeds", "2", "--json")).isZero();

        assertThat(json().path("seeds").asInt()).isEqualTo(2);
        assertThat(json().path("failed").asInt()).isZero();
    }

    /** Each run starts with empty streams. */
    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return CommandLineInterface.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private JsonNode json() throws Exception {
        assertThat(out.toString().lines()).hasSize(1);
        return new ObjectMapper().readTree(out.toString());
    }
}
