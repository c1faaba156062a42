package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules for requests: which fields there are, what they may hold, and what an absent one means. An absent negative prompt is
 * none, as in diffusers, also where the checkpoint recommends one: that is for senders to take up.
 */
final class RequestValidation {

    static final int LONGEST_PROMPT = 2000;
    static final int MOST_STEPS = 200;
    static final int MOST_GUIDANCE = 30;
    static final int MOST_IMAGES = 8;
    static final int DECODER_STEPS = 12;
    private static final int BEST_QUALITY = 100;
    private static final List<String> OF_THE_DRAFT = List.of(
            "prompt",
            "negative_prompt",
            "width",
            "height",
            "prior",
            "prior_num_inference_steps",
            "prior_timesteps",
            "prior_guidance_scale",
            "seed",
            "draft");

    private final Catalog catalog;

    RequestValidation(Catalog catalog) {
        this.catalog = catalog;
    }

    /**
     * @param order what to draw; null when there are problems
     * @param deadline as the request says it; null when it does not
     */
    record Verdict(
            @Nullable ImageOrder order,
            Priority priority,
            @Nullable Instant deadline) {}

    /**
     * @param problems receives every wrong field; may hold problems already
     * @param seed gives the seed of a request that names none
     */
    Verdict check(ObjectNode body, List<Problem> problems, LongSupplier seed) {
        return check(new RequestFields(body, problems), problems, seed);
    }

    Verdict check(RequestFields fields, List<Problem> problems, LongSupplier seed) {
        Checkpoint checkpoint = checkpoint(fields);
        String prompt = fields.text("prompt", 1, LONGEST_PROMPT);
        boolean promoting = fields.has("promote");
        if (prompt == null && !fields.has("prompt") && !promoting) {
            fields.problem("prompt", "is required");
        }
        String negative = fields.text("negative_prompt", 0, LONGEST_PROMPT);
        Integer width = side(fields, "width", checkpoint);
        Integer height = side(fields, "height", checkpoint);
        checkServed(fields, width, height, checkpoint);
        Schedule priorSchedule = schedule(fields, "prior_num_inference_steps", "prior_timesteps");
        Double priorGuidance = fields.number("prior_guidance_scale", 0, MOST_GUIDANCE);
        Schedule decoderSchedule = schedule(fields, "num_inference_steps", "decoder_timesteps");
        Double decoderGuidance = fields.number("decoder_guidance_scale", 0, MOST_GUIDANCE);
        Integer images = fields.integer("num_images_per_prompt", 1, MOST_IMAGES);
        Long namedSeed = fields.seed("seed");
        OutputFile output = output(fields);
        String priority = fields.choice(
                "priority", Arrays.stream(Priority.values()).map(Priority::wire).toList());
        Instant deadline = fields.instant("deadline");
        Boolean draft = fields.flag("draft");
        JobId promoted = fields.job("promote");
        if (promoting) {
            refuseWhatTheDraftSays(fields);
        }
        fields.refuseOthers();
        if (!problems.isEmpty()) {
            return new Verdict(null, Priority.NORMAL, deadline);
        }
        var order = new ImageOrder(
                prompt == null ? "" : prompt,
                negative,
                width == null ? checkpoint.defaultSize().width() : width,
                height == null ? checkpoint.defaultSize().height() : height,
                checkpoint.name(),
                priorSchedule == null ? new Schedule.Standard() : priorSchedule,
                priorGuidance == null ? checkpoint.defaultGuidanceScale() : priorGuidance,
                decoderSchedule == null ? new Schedule.Linear(DECODER_STEPS) : decoderSchedule,
                decoderGuidance == null ? 0.0 : decoderGuidance,
                namedSeed == null ? seed.getAsLong() : namedSeed,
                images == null ? 1 : images,
                output,
                promoted != null
                        ? promotion(fields, promoted, decoderSchedule, decoderGuidance, output)
                        : Boolean.TRUE.equals(draft) ? new Course.Draft() : new Course.Whole());
        return new Verdict(order, priority == null ? Priority.NORMAL : Priority.of(priority), deadline);
    }

    private static void refuseWhatTheDraftSays(RequestFields fields) {
        for (String name : OF_THE_DRAFT) {
            if (fields.has(name)) {
                fields.problem(name, "cannot be given together with promote: it is the draft's");
            }
        }
    }

    /** What the request says itself; the rest is the draft's. */
    private static Course.Promotion promotion(
            RequestFields fields,
            JobId draft,
            @Nullable Schedule decoderSchedule,
            @Nullable Double decoderGuidance,
            OutputFile output) {
        boolean format = fields.has("output_format");
        return new Course.Promotion(
                draft,
                decoderSchedule,
                decoderGuidance,
                format ? output.format() : null,
                format ? output.quality() : null,
                fields.has("metadata") ? output.metadata() : null);
    }

    /** The named checkpoint, or the default one, by whose limits the other fields are then judged. */
    private Checkpoint checkpoint(RequestFields fields) {
        List<String> names =
                catalog.checkpoints().stream().map(Checkpoint::name).toList();
        String name = fields.choice("prior", names);
        for (Checkpoint checkpoint : catalog.checkpoints()) {
            if (checkpoint.name().equals(name)) {
                return checkpoint;
            }
        }
        return catalog.defaultCheckpoint();
    }

    private static OutputFile output(RequestFields fields) {
        String named = fields.choice("output_format", wires(OutputFile.Format.values(), OutputFile.Format::wire));
        OutputFile.Format format = named == null ? OutputFile.DEFAULT.format() : OutputFile.Format.of(named);
        Integer quality = fields.integer("output_quality", 1, BEST_QUALITY);
        boolean wrongFormat = named == null && fields.has("output_format");
        if (fields.has("output_quality") && !format.lossy() && !wrongFormat) {
            fields.problem("output_quality", "can only be given with output_format jpeg or webp");
        }
        String metadata = fields.choice("metadata", wires(OutputFile.Metadata.values(), OutputFile.Metadata::wire));
        return new OutputFile(
                format,
                quality == null ? OutputFile.DEFAULT_QUALITY : quality,
                metadata == null ? OutputFile.DEFAULT.metadata() : OutputFile.Metadata.of(metadata));
    }

    private static <T> List<String> wires(T[] values, Function<T, String> wire) {
        return Arrays.stream(values).map(wire).toList();
    }

    private static @Nullable Integer side(RequestFields fields, String name, Checkpoint checkpoint) {
        return fields.side(name, checkpoint.minSide(), checkpoint.maxSide(), checkpoint.sideMultiple());
    }

    /** Sides that are right by themselves may make a size that the model server was not built for. */
    private static void checkServed(
            RequestFields fields, @Nullable Integer width, @Nullable Integer height, Checkpoint checkpoint) {
        boolean wrongSide = (width == null && fields.has("width")) || (height == null && fields.has("height"));
        ImageSize size = new ImageSize(
                width == null ? checkpoint.defaultSize().width() : width,
                height == null ? checkpoint.defaultSize().height() : height);
        if (!wrongSide && !checkpoint.draws(size)) {
            fields.problem(
                    width == null ? "height" : "width",
                    "makes a size of " + size + ", which this installation does not draw; it draws "
                            + String.join(
                                    ", ",
                                    checkpoint.servedSizes().stream()
                                            .map(SizeRange::toString)
                                            .toList())
                            + "; the nearest valid size is " + checkpoint.nearest(size));
        }
    }

    private static @Nullable Schedule schedule(RequestFields fields, String stepsName, String timestepsName) {
        Integer steps = fields.integer(stepsName, 1, MOST_STEPS);
        List<Double> timesteps = fields.timesteps(timestepsName);
        if (fields.has(stepsName) && fields.has(timestepsName)) {
            fields.problem(timestepsName, "cannot be given together with " + stepsName);
        }
        if (timesteps != null) {
            return new Schedule.Listed(timesteps);
        }
        return steps == null ? null : new Schedule.Linear(steps);
    }
}
