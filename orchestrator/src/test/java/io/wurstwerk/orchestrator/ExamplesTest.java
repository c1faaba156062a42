package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.config;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.Example;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.StackResource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples for other programs' authors, run as they stand in {@code docs/examples}, by the commands they name. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ExamplesTest {

    @TempDir
    static Path objects;

    @TempDir
    static Path tools;

    private static String servers;
    private static Parts parts;
    private static Answers answers;
    private static Example examples;

    @BeforeAll
    static void start() throws Exception {
        parts = new Parts(objects);
        servers = config("kafka.bootstrap.servers");
        answers = new Answers(servers, "wurstwerk.images", 3);
        examples = new Example(tools);
    }

    @AfterAll
    static void stop() throws Exception {
        answers.close();
        parts.close();
    }

    @Test
    void theConsoleToolsSubmitAndPrintResults() throws Exception {
        examples.shell("console/submit.sh", servers);
        Answer answer = answers.await(
                found -> found.data().at("/request/source").asText().equals("kafka:wurstwerk.prompts"));
        assertThat(answer.state()).isEqualTo("completed");
        assertThat(answer.data().at("/images/0/seed").intValue()).isEqualTo(7);
        int there = answers.all().size();
        String printed = examples.shell("console/results.sh", servers, "--max-messages", Integer.toString(there));
        assertThat(printed.lines()).hasSize(there);
        String line = printed.lines()
                .filter(found -> found.startsWith(answer.key() + "\t"))
                .findFirst()
                .orElseThrow();
        assertThat(Schemas.JSON.readTree(line.substring(answer.key().length() + 1)))
                .isEqualTo(Schemas.JSON.readTree(answer.data().toString()));
    }

    @Test
    void theConsoleToolsSubmitACloudEventAndCancelItsJob() throws Exception {
        JobId job = JobId.of(new Origin("default", "/shop", "order-18"));
        int asked = parts.triton.calls("stage_c_interpolated");
        parts.triton.hold();
        try {
            examples.shell("console/submit-cloudevent.sh", "order-18", servers);
            while (parts.triton.calls("stage_c_interpolated") == asked) {
                Thread.onSpinWait();
            }
            examples.shell("console/cancel.sh", job.value(), servers);
            Answer answer = answers.to("order-18");
            assertThat(answer.key()).isEqualTo(job.value());
            assertThat(answer.state()).isEqualTo("cancelled");
        } finally {
            parts.triton.release();
        }
    }

    @Test
    void theSameCloudEventFromTheConsoleIsTheSameJob() throws Exception {
        examples.shell("console/submit-cloudevent.sh", "order-17", servers);
        assertThat(answers.to("order-17").state()).isEqualTo("completed");
        examples.shell("console/submit-cloudevent.sh", "order-17", servers);
        examples.shell("console/submit-cloudevent.sh", "order-19", servers);
        assertThat(answers.to("order-19").state()).isEqualTo("completed");
        assertThat(answers.all())
                .filteredOn(answer -> answer.data().at("/request/id").asText().equals("order-17"))
                .hasSize(1);
    }

    @Test
    void thePlainKafkaClientGetsItsResult() throws Exception {
        JsonNode data = Schemas.JSON.readTree(examples.java("PlainClient", servers, "order-1"));
        assertThat(Schemas.problems(Document.COMPLETED, data)).isEmpty();
        assertThat(data.path("job_id").textValue())
                .isEqualTo(JobId.of(new Origin("default", "/shop", "order-1")).value());
    }

    @Test
    void theCloudEventsClientGetsUrlsOfImages() throws Exception {
        assertImages(examples.java("CloudEventsClient", servers, "order-2"));
    }

    @Test
    void curlSubmitsWatchesAndFetchesTheImage() throws Exception {
        String url = config("test.url");
        String printed = examples.shell("curl/submit.sh", url, "order-4");
        assertThat(printed).contains("event: accepted", "event: image", "event: terminal", "\"state\":\"completed\"");
        byte[] star = Files.readAllBytes(tools.resolve("star.png"));
        assertThat(new String(star, 1, 3, UTF_8)).isEqualTo("PNG");
    }

    @Test
    void curlWaitsForTheFinishedJob() throws Exception {
        JsonNode job = Schemas.JSON.readTree(examples.shell("curl/wait.sh", config("test.url")));
        assertThat(job.path("state").textValue()).isEqualTo("completed");
        assertThat(job.at("/images/0/seed").intValue()).isEqualTo(7);
    }

    @Test
    void curlCancelsAJob() throws Exception {
        int asked = parts.triton.calls("stage_c_interpolated");
        parts.triton.hold();
        try {
            examples.shell("console/submit-cloudevent.sh", "order-5", servers);
            while (parts.triton.calls("stage_c_interpolated") == asked) {
                Thread.onSpinWait();
            }
            JobId job = JobId.of(new Origin("default", "/shop", "order-5"));
            String url = config("test.url");
            assertThat(examples.shell("curl/cancel.sh", job.value(), url)).contains(job.value());
            assertThat(answers.to("order-5").state()).isEqualTo("cancelled");
        } finally {
            parts.triton.release();
        }
    }

    static void assertImages(String printed) throws Exception {
        List<String> urls = Arrays.asList(printed.strip().split("\n"));
        assertThat(urls).hasSize(1);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response = http.send(
                    HttpRequest.newBuilder(URI.create(urls.getFirst())).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(new String(response.body(), 1, 3, UTF_8)).isEqualTo("PNG");
        }
    }
}
