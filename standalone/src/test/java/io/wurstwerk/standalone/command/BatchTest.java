package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchTest {
    private final FakeDesk desk = new FakeDesk();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final RequestOptions options = new RequestOptions();
    private boolean json;
    private boolean full;

    @Test
    void soManyJobsAreUnderWayAndNoMore() throws Exception {
        Summary summary = run(3, "a circle\n".repeat(20));

        assertThat(desk.most()).isEqualTo(3);
        assertThat(summary.done()).isEqualTo(20);
        assertThat(summary.images()).isEqualTo(20);
        assertThat(summary.failed()).isEmpty();
    }

    @Test
    void everyLineGetsTheOptionsAndItsOwnFields() throws Exception {
        options.steps = 4;

        run(1, "a circle\n{\"prompt\": \"a star\", \"prior_num_inference_steps\": 2}\n");

        assertThat(desk.bodies().stream().map(Object::toString))
                .containsExactly(
                        "{\"prior_num_inference_steps\":4,\"prompt\":\"a circle\"}",
                        "{\"prior_num_inference_steps\":2,\"prompt\":\"a star\"}");
    }

    @Test
    void failedLinesAreNamedWithTheirReasonsAndTheRestIsDrawn() throws Exception {
        Summary summary = run(2, "a circle\nnothing\n{broken\n# pause\na star\nnever\n");

        assertThat(summary.done()).isEqualTo(2);
        assertThat(summary.failed()).containsExactly(2, 3, 6);
        assertThat(out.toString().lines())
                .containsExactlyInAnyOrder(
                        "image 1.webp seed 7 url http://store/job-1 sha256 ab",
                        "image 5.webp seed 7 url http://store/job-3 sha256 ab");
        assertThat(err.toString().lines().filter(line -> line.startsWith("wurstwerk: ")))
                .hasSize(3)
                .contains(
                        "wurstwerk: line 2: failed: model_error: no number",
                        "wurstwerk: line 6: job job-4 has not ended after 100 s; it goes on")
                .anyMatch(line -> line.startsWith("wurstwerk: line 3: begins with { and is not a JSON object"));
    }

    @Test
    void whenNothingIsTakenAnyMoreEveryOpenLineFails() throws Exception {
        Summary summary = run(2, "never\ngone\na circle\n");

        assertThat(summary.done()).isZero();
        assertThat(summary.failed()).containsExactly(1, 2, 3);
        assertThat(err.toString())
                .contains(
                        "line 1: Kafka did not take it; job job-1 may go on",
                        "line 2: not submitted: Kafka did not take it",
                        "line 3: not submitted: Kafka did not take it");
    }

    @Test
    void anImageThatCannotBeKeptIsAFailedLine() throws Exception {
        full = true;

        Summary summary = run(1, "a circle\n");

        assertThat(summary.failed()).containsExactly(1);
        assertThat(err.toString()).contains("wurstwerk: line 1: no space left");
    }

    @Test
    void jsonIsOneObjectALineAndASummary() throws Exception {
        json = true;

        run(1, "a circle\nnothing\n{broken\n");

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4);
        ObjectMapper mapper = new ObjectMapper();
        var drawn = mapper.readTree(lines.get(0));
        assertThat(drawn.path("line").asInt()).isEqualTo(1);
        assertThat(drawn.path("state").asText()).isEqualTo("completed");
        assertThat(drawn.path("images").path(0).path("path").asText()).isEqualTo("1.webp");
        assertThat(lines.get(1))
                .isEqualTo("{\"line\":2,\"job_id\":\"job-2\",\"state\":\"failed\","
                        + "\"error\":{\"code\":\"model_error\",\"message\":\"no number\"}}");
        var unreadable = mapper.readTree(lines.get(2));
        assertThat(unreadable.path("line").asInt()).isEqualTo(3);
        assertThat(unreadable.path("state").asText()).isEqualTo("failed");
        assertThat(unreadable.path("error").path("code").asText()).isEqualTo("unreadable");
        // Nine seconds for the drawn one, one for the failed one.
        assertThat(lines.get(3))
                .isEqualTo("{\"summary\":{\"jobs\":3,\"done\":1,\"failed\":2,\"images\":1,\"seconds\":10.0,"
                        + "\"images_per_minute\":6.0,\"failed_lines\":[2,3]}}");
    }

    @Test
    void aPersonSeesHowManyAreDoneAndWhenTheRestWillBe() throws Exception {
        run(1, "a circle\n".repeat(3));

        // Each takes nine seconds; the clock of the forecast starts with the first step.
        assertThat(err.toString().lines())
                .containsSubsequence(
                        "0 of 3 done, 1 under way",
                        "1 of 3 done, about 16 s left",
                        "2 of 3 done, about 9 s left",
                        "3 of 3 done");
    }

    @Test
    void theSummaryNamesNumbersAndRanges() {
        assertThat(new Summary(1, List.of(), 4, Duration.ofSeconds(30)).line())
                .isEqualTo("1 job: 1 done, 0 failed; 4 images in 30.0 s, 8.0 a minute");
        assertThat(new Summary(0, List.of(2, 3, 4, 9, 11, 12), 1, Duration.ofMillis(1_500)).line())
                .isEqualTo("6 jobs: 0 done, 6 failed; 1 image in 1.5 s, 40.0 a minute; failed: lines 2-4, 9, 11-12");
        assertThat(new Summary(0, List.of(5), 0, Duration.ZERO).line())
                .isEqualTo("1 job: 0 done, 1 failed; 0 images in 0.0 s, 0.0 a minute; failed: line 5");
    }

    @Test
    void filesAreNamedByLineImageAndKind() throws Exception {
        Path folder = Path.of("shapes");
        NumberedFiles files = new NumberedFiles(folder, 4, new Download());
        var one = (Outcome.Completed) Outcome.of("j", new ObjectMapper().readTree("""
                {"state": "completed", "images": [{"url": "http://s/0", "content_type": "image/jpeg"}]}"""));
        var two = (Outcome.Completed) Outcome.of("j", new ObjectMapper().readTree("""
                {"state": "completed", "images": [{"url": "http://s/0", "content_type": "image/png"},
                 {"url": "http://s/1", "content_type": "image/png"}]}"""));

        assertThat(files.names(7, one)).containsExactly(folder.resolve("0007.jpg"));
        assertThat(files.names(12, two)).containsExactly(folder.resolve("0012-0.png"), folder.resolve("0012-1.png"));
    }

    private Summary run(int atOnce, String text) throws Exception {
        List<PromptLine> lines = PromptFile.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        PrintWriter terminal = new PrintWriter(err);
        Report report = new Report(new PrintWriter(out), terminal, json);
        Batch batch =
                new Batch(desk, this::keep, options, report::line, desk::nanoTime, atOnce, Duration.ofSeconds(100));
        StatusLine status = new StatusLine.Lines(terminal, Duration.ofSeconds(1), desk::nanoTime);
        Summary summary = batch.run(lines, new BatchCourse(status, lines.size(), desk::nanoTime));
        report.summary(summary);
        return summary;
    }

    private List<Path> keep(int line, Outcome.Completed outcome) throws IOException {
        if (full) {
            throw new IOException("no space left");
        }
        return List.of(Path.of(line + ".webp"));
    }
}
