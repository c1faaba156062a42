package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.RequestJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A job as its tenant sees it: where it stands, or the data of its terminal event with URLs that work now. */
public final class JobJson {

    private final Function<String, URI> sign;
    private final Duration expiry;
    private final Clock clock;

    /**
     * @param sign gives a presigned URL of an object; asks nobody
     * @param expiry how long such a URL works
     */
    public JobJson(Function<String, URI> sign, Duration expiry, Clock clock) {
        this.sign = sign;
        this.expiry = expiry;
        this.clock = clock;
    }

    /** @param drafted what the draft was ordered as that the job finishes; null for none, or where it is not known */
    ObjectNode of(
            ViewedJob job,
            Line.@Nullable Ahead ahead,
            List<LatestProgress.Told> progress,
            @Nullable ImageOrder drafted) {
        ObjectNode root = JsonNodeFactory.instance
                .objectNode()
                .put("job_id", job.id().value())
                .put("state", job.state())
                .put("tenant", job.tenant().orElse(""));
        ObjectNode request = root.putObject("request");
        job.origin()
                .ifPresentOrElse(
                        origin -> request.put("source", origin.source()).put("id", origin.id()),
                        // Nothing but the journal is left, and it does not say.
                        () -> request.put("source", "unknown").put("id", "unknown"));
        if (job.submission() instanceof Submission.Ordered ordered) {
            request.set("parameters", RequestJson.of(ordered, drafted));
            root.put("deadline", ordered.deadline().toString());
        }
        job.submittedAt().ifPresent(at -> root.put("submitted_at", at.toString()));
        if (job.answer() != null) {
            if (job.finishedAt() != null) {
                root.put("finished_at", job.finishedAt().toString());
            }
            answer(root, job.answer());
        } else if (job.standing() instanceof JournalEntry.Closed closed) {
            root.put("finished_at", closed.at().toString());
        } else {
            standing(root, job, ahead, progress);
        }
        return root;
    }

    /** The job of which nothing but its manifest is left. */
    public ObjectNode ofManifest(ObjectNode manifest) {
        ObjectNode root = manifest.deepCopy();
        answer(root, manifest);
        return root;
    }

    /** A finished image with a URL that works now. */
    ObjectNode image(JsonNode image) {
        ObjectNode fresh = image.deepCopy();
        sign(fresh);
        if (fresh.path("preview") instanceof ObjectNode preview) {
            sign(preview);
        }
        return fresh;
    }

    private void sign(ObjectNode file) {
        if (file.hasNonNull("key")) {
            file.put("url", sign.apply(file.get("key").asText()).toString())
                    .put("url_expires_at", clock.instant().plus(expiry).toString());
        }
    }

    private void answer(ObjectNode root, ObjectNode answer) {
        answer.properties().forEach(field -> {
            switch (field.getKey()) {
                case "job_id", "state", "tenant", "request" -> {}
                case "images" -> {
                    ArrayNode images = root.putArray("images");
                    field.getValue().forEach(image -> images.add(image(image)));
                }
                default -> root.set(field.getKey(), field.getValue());
            }
        });
    }

    private static void standing(
            ObjectNode root, ViewedJob job, Line.@Nullable Ahead ahead, List<LatestProgress.Told> progress) {
        if (ahead != null) {
            root.put("position", ahead.jobs());
        }
        if (job.standing() instanceof JournalEntry.Open(JobState.Waiting waiting)) {
            root.put("waiting_for", waiting.dependency().name().toLowerCase(Locale.ROOT));
        }
        if (!progress.isEmpty()) {
            ArrayNode images = root.putArray("progress");
            for (LatestProgress.Told told : progress) {
                ObjectNode image = images.addObject();
                for (String field : List.of("index", "stage", "step", "steps")) {
                    image.set(field, told.step().path(field));
                }
            }
        }
    }
}
