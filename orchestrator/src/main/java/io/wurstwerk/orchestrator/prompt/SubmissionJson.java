package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The wire form of submissions: what intake writes and the engine reads, versioned because both may be redeployed. */
public final class SubmissionJson {

    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private SubmissionJson() {}

    public static byte[] write(Submission submission) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("version", VERSION)
                .put("job_id", submission.job().value())
                .put("tenant", submission.origin().tenant())
                .put("source", submission.origin().source())
                .put("id", submission.origin().id())
                .put("body_sha256", submission.body().hex())
                .put("submitted_at", submission.submittedAt().toString());
        switch (submission) {
            case Submission.Ordered ordered ->
                root.put("priority", ordered.priority().wire())
                        .put("deadline", ordered.deadline().toString())
                        .set("order", order(ordered.order()));
            case Submission.Refused refused -> root.set("rejection", rejection(refused.rejection()));
        }
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree can be written", impossible);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException when the bytes are no submission of this version; the message quotes nothing
     */
    public static Submission read(byte[] bytes) {
        try {
            JsonNode root = MAPPER.readTree(bytes);
            if (root.path("version").intValue() != VERSION) {
                throw new IllegalArgumentException("not a submission of version " + VERSION);
            }
            return read(root);
        } catch (IOException | RuntimeException unreadable) {
            throw new IllegalArgumentException("not a submission of version " + VERSION);
        }
    }

    private static Submission read(JsonNode root) {
        var job = new JobId(root.required("job_id").textValue());
        var origin = new Origin(
                root.required("tenant").textValue(),
                root.required("source").textValue(),
                root.required("id").textValue());
        var body = new BodyHash(root.required("body_sha256").textValue());
        Instant submittedAt = Instant.parse(root.required("submitted_at").textValue());
        if (root.has("rejection")) {
            return new Submission.Refused(job, origin, body, submittedAt, readRejection(root.get("rejection")));
        }
        Instant deadline = Instant.parse(root.required("deadline").textValue());
        return new Submission.Ordered(
                job,
                origin,
                body,
                submittedAt,
                readOrder(root.required("order")),
                Priority.of(root.required("priority").textValue()),
                deadline);
    }

    /** An order as it stands in a submission. */
    public static ObjectNode order(ImageOrder order) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("prompt", order.prompt())
                .put("negative_prompt", order.negativePrompt())
                .put("width", order.width())
                .put("height", order.height())
                .put("prior", order.prior())
                .put("prior_guidance_scale", order.priorGuidanceScale())
                .put("decoder_guidance_scale", order.decoderGuidanceScale())
                .put("seed", order.seed())
                .put("images", order.images())
                .put("output_format", order.output().format().wire())
                .put("output_quality", order.output().quality())
                .put("metadata", order.output().metadata().wire());
        node.set("prior_schedule", schedule(order.priorSchedule()));
        node.set("decoder_schedule", schedule(order.decoderSchedule()));
        switch (order.course()) {
            case Course.Whole _ -> {}
            case Course.Draft _ -> node.put("draft", true);
            case Course.Promotion promotion -> node.set("promotion", promotion(promotion));
        }
        return node;
    }

    private static ObjectNode promotion(Course.Promotion promotion) {
        ObjectNode node =
                MAPPER.createObjectNode().put("draft", promotion.draft().value());
        if (promotion.decoderSchedule() != null) {
            node.set("decoder_schedule", schedule(promotion.decoderSchedule()));
        }
        if (promotion.decoderGuidanceScale() != null) {
            node.put("decoder_guidance_scale", promotion.decoderGuidanceScale());
        }
        if (promotion.format() != null) {
            node.put("output_format", promotion.format().wire());
        }
        if (promotion.quality() != null) {
            node.put("output_quality", promotion.quality());
        }
        if (promotion.metadata() != null) {
            node.put("metadata", promotion.metadata().wire());
        }
        return node;
    }

    /** What was written before there was a choice goes all the way. */
    private static Course readCourse(JsonNode order) {
        if (order.path("draft").asBoolean()) {
            return new Course.Draft();
        }
        JsonNode node = order.get("promotion");
        if (node == null) {
            return new Course.Whole();
        }
        return new Course.Promotion(
                new JobId(node.required("draft").textValue()),
                node.has("decoder_schedule") ? readSchedule(node.get("decoder_schedule")) : null,
                node.has("decoder_guidance_scale")
                        ? node.get("decoder_guidance_scale").doubleValue()
                        : null,
                node.has("output_format")
                        ? OutputFile.Format.of(node.get("output_format").textValue())
                        : null,
                node.has("output_quality") ? node.get("output_quality").intValue() : null,
                node.has("metadata")
                        ? OutputFile.Metadata.of(node.get("metadata").textValue())
                        : null);
    }

    /**
     * Reads what {@link #order} gave.
     *
     * @throws RuntimeException when it is something else
     */
    public static ImageOrder readOrder(JsonNode node) {
        return new ImageOrder(
                node.required("prompt").textValue(),
                node.required("negative_prompt").textValue(),
                node.required("width").intValue(),
                node.required("height").intValue(),
                node.required("prior").textValue(),
                readSchedule(node.required("prior_schedule")),
                node.required("prior_guidance_scale").doubleValue(),
                readSchedule(node.required("decoder_schedule")),
                node.required("decoder_guidance_scale").doubleValue(),
                node.required("seed").longValue(),
                node.required("images").intValue(),
                readOutput(node),
                readCourse(node));
    }

    /** What was written before there was a choice asks for the default. */
    private static OutputFile readOutput(JsonNode node) {
        return new OutputFile(
                OutputFile.Format.of(node.path("output_format")
                        .asText(OutputFile.DEFAULT.format().wire())),
                node.path("output_quality").asInt(OutputFile.DEFAULT.quality()),
                OutputFile.Metadata.of(node.path("metadata")
                        .asText(OutputFile.DEFAULT.metadata().wire())));
    }

    private static JsonNode schedule(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Standard _ -> MAPPER.createObjectNode();
            case Schedule.Linear linear -> MAPPER.createObjectNode().put("steps", linear.count());
            case Schedule.Listed listed -> {
                ArrayNode timesteps = MAPPER.createArrayNode();
                listed.timesteps().forEach(timesteps::add);
                yield MAPPER.createObjectNode().set("timesteps", timesteps);
            }
        };
    }

    private static Schedule readSchedule(JsonNode node) {
        if (node.has("steps")) {
            return new Schedule.Linear(node.get("steps").intValue());
        }
        if (node.has("timesteps")) {
            List<Double> timesteps = new ArrayList<>();
            node.get("timesteps").forEach(value -> timesteps.add(value.doubleValue()));
            return new Schedule.Listed(timesteps);
        }
        return new Schedule.Standard();
    }

    private static ObjectNode rejection(Rejection rejection) {
        ObjectNode node =
                MAPPER.createObjectNode().put("code", rejection.code().name()).put("message", rejection.message());
        ArrayNode problems = node.putArray("problems");
        for (Problem problem : rejection.problems()) {
            problems.addObject().put("field", problem.field()).put("message", problem.message());
        }
        return node;
    }

    private static Rejection readRejection(JsonNode node) {
        var problems = new ArrayList<Problem>();
        for (JsonNode problem : node.required("problems")) {
            problems.add(new Problem(
                    problem.required("field").textValue(),
                    problem.required("message").textValue()));
        }
        return new Rejection(
                Rejection.Code.valueOf(node.required("code").textValue()),
                node.required("message").textValue(),
                problems);
    }
}
