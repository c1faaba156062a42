package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * A Wurstwerk of one lane and a clock of its own. Each time somebody listens, the oldest job comes further: it begins after a
 * second, has its image eight seconds later, and then ends. A job whose prompt is "nothing" fails instead, one whose prompt
 * is "never" does not end; "gone" is not taken.
 */
final class FakeDesk implements Desk {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Deque<String> line = new ArrayDeque<>();
    private final List<JsonNode> bodies = new ArrayList<>();
    private long nanos;
    private int heard;
    private int most;

    @Override
    public String submit(PromptEvent event) {
        if (event.body().path("prompt").asText().equals("gone")) {
            throw new IllegalStateException("Kafka did not take it");
        }
        bodies.add(event.body());
        String jobId = "job-" + bodies.size();
        line.add(jobId);
        most = Math.max(most, line.size());
        return jobId;
    }

    @Override
    public List<News> news(Set<String> jobs) {
        String jobId = line.peek();
        if (jobId == null || !jobs.contains(jobId)) {
            return List.of();
        }
        JsonNode body = bodies.get(Integer.parseInt(jobId.substring("job-".length())) - 1);
        return switch (body.path("prompt").asText()) {
            case "never" -> {
                pass(1);
                line.add(line.remove());
                yield List.of();
            }
            case "nothing" -> {
                pass(1);
                line.remove();
                yield List.of(new News.End(Outcome.of(jobId, failed(jobId))));
            }
            default -> List.of(further(jobId));
        };
    }

    private News further(String jobId) {
        return switch (heard++ % 3) {
            case 0 -> {
                pass(1);
                yield new News.Step(jobId, PaceTest.event(0, 1, "text", 0, 1));
            }
            case 1 -> {
                pass(8);
                yield new News.Step(jobId, PaceTest.event(0, 1, "upload", 1, 1));
            }
            default -> {
                line.remove();
                yield new News.End(Outcome.of(jobId, completed(jobId)));
            }
        };
    }

    private void pass(int seconds) {
        nanos += Duration.ofSeconds(seconds).toNanos();
    }

    long nanoTime() {
        return nanos;
    }

    List<JsonNode> bodies() {
        return bodies;
    }

    /** How many jobs were under way at once at most. */
    int most() {
        return most;
    }

    private static ObjectNode failed(String jobId) {
        ObjectNode event = JSON.createObjectNode().put("job_id", jobId).put("state", "failed");
        event.putObject("error").put("code", "model_error").put("message", "no number");
        return event;
    }

    private static ObjectNode completed(String jobId) {
        ObjectNode event = JSON.createObjectNode().put("job_id", jobId).put("state", "completed");
        event.putArray("images")
                .addObject()
                .put("index", 0)
                .put("seed", 7)
                .put("url", "http://store/" + jobId)
                .put("sha256", "ab")
                .put("content_type", "image/webp");
        return event;
    }
}
