package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Jobs of the HTTP API, in words. */
final class JobWords {
    private static final int LONGEST_PROMPT = 40;

    private JobWords() {}

    /** A table: a line with headings, then one line a job. */
    static List<String> table(List<JsonNode> jobs, Instant now) {
        int id = jobs.stream()
                .mapToInt(job -> job.path("job_id").asText().length())
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(row(id, "JOB", "STATE", "AGE", "PROMPT"));
        for (JsonNode job : jobs) {
            lines.add(row(
                    id,
                    job.path("job_id").asText(),
                    job.path("state").asText(),
                    submitted(job).map(at -> Span.of(Duration.between(at, now))).orElse("-"),
                    shortened(prompt(job))));
        }
        return lines;
    }

    /** One job, a fact a line. */
    static List<String> facts(JsonNode job, Instant now) {
        List<String> lines = new ArrayList<>();
        fact(lines, "job", job.path("job_id").asText());
        fact(lines, "state", state(job));
        fact(lines, "prompt", harmless(prompt(job)));
        submitted(job)
                .ifPresent(at -> fact(lines, "submitted", at + " (" + Span.of(Duration.between(at, now)) + " ago)"));
        fact(lines, "finished", job.path("finished_at").asText());
        if (job.path("position").isInt()) {
            fact(lines, "position", before(job.path("position").asInt()));
        }
        for (JsonNode progress : job.path("progress")) {
            fact(lines, "image " + progress.path("index").asInt(), Progress.position(progress));
        }
        for (JsonNode image : job.path("images")) {
            fact(
                    lines,
                    "image " + image.path("index").asInt(),
                    "seed " + image.path("seed").asLong() + " url "
                            + image.path("url").asText() + " sha256 "
                            + image.path("sha256").asText());
        }
        if (job.has("error")) {
            fact(
                    lines,
                    "error",
                    job.path("error").path("code").asText() + ": "
                            + harmless(job.path("error").path("message").asText()));
        }
        for (JsonNode problem : job.path("problems")) {
            fact(
                    lines,
                    "",
                    harmless(problem.path("field").asText() + ": "
                            + problem.path("message").asText()));
        }
        return lines;
    }

    /** @param quote the answer to a question for the cost of a request */
    static String quote(JsonNode quote, Instant now) {
        String finish = instant(quote.path("finishes_at"))
                .map(at -> ", finished in about "
                        + Span.of(Duration.between(now, at).plusMillis(999)) + " ("
                        + quote.path("finishes_at").asText() + ")")
                .orElse("");
        return String.format(
                Locale.ROOT,
                "about %.1f s of work, %s%s",
                quote.path("seconds").asDouble(),
                before(quote.path("position").asInt()),
                finish);
    }

    /** At most {@value #LONGEST_PROMPT} characters, and none that would move the cursor. */
    static String shortened(String prompt) {
        String text = harmless(prompt);
        if (text.codePointCount(0, text.length()) <= LONGEST_PROMPT) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, LONGEST_PROMPT - 1)) + "…";
    }

    private static String before(int jobs) {
        return switch (jobs) {
            case 0 -> "no job before it";
            case 1 -> "1 job before it";
            default -> jobs + " jobs before it";
        };
    }

    private static String state(JsonNode job) {
        String waiting = job.path("waiting_for").asText();
        return job.path("state").asText() + (waiting.isEmpty() ? "" : " for " + waiting);
    }

    private static String prompt(JsonNode job) {
        return job.path("request").path("parameters").path("prompt").asText();
    }

    private static Optional<Instant> submitted(JsonNode job) {
        return instant(job.path("submitted_at"));
    }

    private static Optional<Instant> instant(JsonNode node) {
        try {
            return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Others' words must not command the terminal. */
    private static String harmless(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\s]+", " ").strip();
    }

    private static void fact(List<String> lines, String name, String value) {
        if (!value.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "%-10s %s", name, value));
        }
    }

    private static String row(int id, String job, String state, String age, String prompt) {
        String form = "%-" + Math.max(3, id) + "s  %-9s  %-11s  %s";
        return String.format(Locale.ROOT, form, job, state, age, prompt).stripTrailing();
    }
}
