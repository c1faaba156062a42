package io.wurstwerk.orchestrator.ownership;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Sketch;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.job.Usage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The data of the events that leave: the public contract, snake case. */
public final class EventJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final double NANOS = 1e9;

    private EventJson() {}

    static byte[] terminal(Terminal state) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("job_id", state.id().value())
                .put("state", state.name())
                .put("tenant", state.origin().tenant());
        root.putObject("request")
                .put("source", state.origin().source())
                .put("id", state.origin().id());
        switch (state) {
            case Terminal.Completed completed -> drawing(root, completed.drawing());
            case Terminal.Failed failed ->
                error(root, failed.failure().code().wire(), failed.failure().message());
            case Terminal.Rejected rejected -> {
                error(
                        root,
                        rejected.rejection().code().wire(),
                        rejected.rejection().message());
                ArrayNode problems = root.putArray("problems");
                for (Problem problem : rejected.rejection().problems()) {
                    problems.addObject().put("field", problem.field()).put("message", problem.message());
                }
            }
            case Terminal.Cancelled _ -> error(root, "cancelled", "the job was cancelled on request");
            case Terminal.Expired expired ->
                error(root, "deadline_exceeded", "the job was not finished by its deadline, " + expired.deadline());
        }
        return bytes(root);
    }

    /** A small picture of an unfinished image. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    public record Preview(int width, int height, byte[] png) {}

    /** @param stage one of queued, text, stage_c, stage_b, stage_a, upload */
    public static byte[] progress(
            JobId job, int index, int images, String stage, int step, int steps, @Nullable Preview preview) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("job_id", job.value())
                .put("index", index)
                .put("images", images)
                .put("stage", stage)
                .put("step", step)
                .put("steps", steps);
        if (preview != null) {
            root.putObject("preview")
                    .put("content_type", "image/png")
                    .put("width", preview.width())
                    .put("height", preview.height())
                    .put("data", preview.png());
        }
        return bytes(root);
    }

    private static void drawing(ObjectNode root, Drawing drawing) {
        root.put("draft", drawing.draft())
                .put("prior", drawing.prior())
                .put("width", drawing.width())
                .put("height", drawing.height())
                .put("prompt_truncated", drawing.promptTruncated())
                .put("pipeline", drawing.pipeline());
        ArrayNode images = root.putArray("images");
        for (StoredImage image : drawing.images()) {
            ObjectNode told = images.addObject().put("index", image.index()).put("seed", image.seed());
            Sketch sketch = image.sketch();
            if (sketch == null) {
                file(told, image);
            } else {
                object(told.putObject("latents"), image.bucket(), sketch.key(), sketch.sha256(), sketch.size());
                file(told.putObject("preview").put("width", sketch.width()).put("height", sketch.height()), image);
            }
        }
        Timings timings = drawing.timings();
        root.putObject("timings")
                .put("queued", seconds(timings.queued()))
                .put("text", seconds(timings.text()))
                .put("stage_c", seconds(timings.stageC()))
                .put("stage_b", seconds(timings.stageB()))
                .put("stage_a", seconds(timings.stageA()))
                .put("encode", seconds(timings.encode()))
                .put("upload", seconds(timings.upload()))
                .put("total", seconds(timings.total()));
        if (drawing.cost() != null) {
            cost(root.putObject("cost"), drawing.cost());
        }
    }

    private static void cost(ObjectNode told, Cost cost) {
        Usage usage = cost.usage();
        told.putObject("model_seconds")
                .put("text", seconds(usage.text()))
                .put("stage_c", seconds(usage.stageC()))
                .put("stage_b", seconds(usage.stageB()))
                .put("stage_a", seconds(usage.stageA()));
        told.put("bytes_to_models", usage.sent())
                .put("bytes_from_models", usage.received())
                .put("bytes_stored", cost.stored())
                .put("retries", cost.retries())
                .put("resumed_steps", cost.resumedSteps());
        if (usage.joules() != null) {
            told.put("joules", usage.joules());
        }
        if (usage.grams() != null) {
            told.put("grams_co2e", usage.grams());
        }
    }

    private static void file(ObjectNode told, StoredImage image) {
        object(told, image.bucket(), image.key(), image.sha256(), image.size());
        told.put("content_type", image.contentType())
                .put("url", image.url().toString())
                .put("url_expires_at", image.urlExpiresAt().toString());
    }

    private static void object(ObjectNode told, String bucket, String key, String sha256, long size) {
        told.put("bucket", bucket).put("key", key).put("sha256", sha256).put("size", size);
    }

    private static void error(ObjectNode root, String code, String message) {
        root.putObject("error").put("code", code).put("message", message);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }

    private static byte[] bytes(ObjectNode root) {
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree can be written", impossible);
        }
    }
}
