package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JobWordsTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:02:05Z");

    @Test
    void aJobInLineSaysItsPlace() throws Exception {
        assertThat(facts("""
                        {"job_id": "j", "state": "accepted", "submitted_at": "2026-11-26T12:00:00Z", "position": 1,
                         "request": {"source": "/s", "id": "1", "parameters": {"prompt": "a star"}}}"""))
                .containsExactly(
                        "job        j",
                        "state      accepted",
                        "prompt     a star",
                        "submitted  2026-11-26T12:00:00Z (2 min 5 s ago)",
                        "position   1 job before it");
    }

    @Test
    void aRunningJobSaysHowFarItsImagesAreAndWhatItWaitsFor() throws Exception {
        assertThat(facts("""
                        {"job_id": "j", "state": "waiting", "waiting_for": "triton", "request": {"source": "s", "id": "1"},
                         "progress": [{"index": 0, "stage": "stage_c", "step": 3, "steps": 29},
                                      {"index": 1, "stage": "text", "step": 0, "steps": 1}]}"""))
                .containsExactly(
                        "job        j",
                        "state      waiting for triton",
                        "image 0    stage c 3/29",
                        "image 1    text 0/1");
    }

    @Test
    void aCompletedJobSaysWhereItsImagesAre() throws Exception {
        assertThat(facts("""
                        {"job_id": "j", "state": "completed", "request": {"source": "s", "id": "1"},
                         "finished_at": "2026-11-26T12:01:00Z",
                         "images": [{"index": 0, "seed": 4294967295, "url": "http://s/k?X=1", "sha256": "ab"}]}"""))
                .containsExactly(
                        "job        j",
                        "state      completed",
                        "finished   2026-11-26T12:01:00Z",
                        "image 0    seed 4294967295 url http://s/k?X=1 sha256 ab");
    }

    @Test
    void aRejectedJobSaysEveryReason() throws Exception {
        assertThat(facts("""
                        {"job_id": "j", "state": "rejected", "request": {"source": "s", "id": "1"},
                         "error": {"code": "invalid_request", "message": "1 field is wrong"},
                         "problems": [{"field": "wid\\u001bth", "message": "too odd"}]}"""))
                .containsExactly(
                        "job        j",
                        "state      rejected",
                        "error      invalid_request: 1 field is wrong",
                        "           wid th: too odd");
    }

    @Test
    void aLongPromptIsShortenedBetweenCharacters() {
        assertThat(JobWords.shortened("x".repeat(40))).isEqualTo("x".repeat(40));
        assertThat(JobWords.shortened("\uD83D\uDFE2".repeat(41))).isEqualTo("\uD83D\uDFE2".repeat(39) + "…");
        assertThat(JobWords.shortened("a\u202Eb\u0007c")).isEqualTo("a b c");
    }

    @Test
    void aQuoteCountsInWords() throws Exception {
        assertThat(JobWords.quote(new ObjectMapper().readTree("""
                                {"seconds": 0.04, "position": 0, "finishes_at": "2026-11-26T12:02:06.5Z"}"""), NOW))
                .isEqualTo("about 0.0 s of work, no job before it, finished in about 2 s (2026-11-26T12:02:06.5Z)");
    }

    private static List<String> facts(String job) throws Exception {
        return JobWords.facts(new ObjectMapper().readTree(job), NOW);
    }
}
