package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutcomeTest {
    private static final String COMPLETED = """
            {"job_id": "j", "state": "completed", "prompt_truncated": %s, "images": [
              {"index": 0, "seed": 4294967295, "url": "http://store/b/k?X=1", "sha256": "ab"}]}""";
    private static final String REJECTED = """
            {"job_id": "j", "state": "rejected", "error": {"code": "invalid_request", "message": "2 fields are wrong"},
             "problems": [{"field": "width", "message": "too odd"}, {"field": "seed", "message": "no number"}]}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aCompletedJobIsOneLineAnImage() throws Exception {
        report(false).completed(completed(false), List.of(Path.of("a.png")));

        assertThat(out.toString().lines())
                .containsExactly("image a.png seed 4294967295 url http://store/b/k?X=1 sha256 ab");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void ofADraftThePreviewIsTheImage() throws Exception {
        var event = new ObjectMapper().readTree("""
                {"state": "completed", "draft": true, "images": [{"index": 0, "seed": 5, "latents": {"sha256": "cd"},
                  "preview": {"url": "http://store/b/p", "sha256": "ab"}}]}""");
        assertThat(((Outcome.Completed) Outcome.of("j", event)).images())
                .containsExactly(new Outcome.DrawnImage(0, 5, java.net.URI.create("http://store/b/p"), "ab"));
    }

    @Test
    void aTruncatedPromptIsSaid() throws Exception {
        report(false).completed(completed(true), List.of(Path.of("a.png")));

        assertThat(err.toString()).contains("more than 77 tokens");
    }

    @Test
    void jsonIsTheEventWithThePathOfEachImage() throws Exception {
        report(true).completed(completed(false), List.of(Path.of("a.png")));

        var object = new ObjectMapper().readTree(out.toString());
        assertThat(object.path("images").get(0).path("path").asText()).isEqualTo("a.png");
        assertThat(object.path("state").asText()).isEqualTo("completed");
    }

    @Test
    void aRejectedJobNamesEveryWrongField() throws Exception {
        var refused = (Outcome.Refused) Outcome.of("j", new ObjectMapper().readTree(REJECTED));

        report(false).refused(refused);

        assertThat(err.toString().lines())
                .containsExactly(
                        "wurstwerk: the job was rejected: invalid_request: 2 fields are wrong",
                        "  width: too odd",
                        "  seed: no number");
        assertThat(out.toString()).isEmpty();
    }

    private Report report(boolean json) {
        return new Report(new PrintWriter(out), new PrintWriter(err), json);
    }

    private static Outcome.Completed completed(boolean truncated) throws Exception {
        return (Outcome.Completed) Outcome.of("j", new ObjectMapper().readTree(COMPLETED.formatted(truncated)));
    }
}
