package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import org.jspecify.annotations.Nullable;

/** An order in the words of a request, with every default spelled out: sent again, it asks for the same pictures. */
public final class RequestJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private RequestJson() {}

    /**
     * @param drafted what the draft was ordered as that the order finishes. A promotion is then told with all that its
     *     pictures are made from, as one who wants to draw them from the beginning needs it; else only as it was sent
     */
    public static ObjectNode of(Submission.Ordered submission, @Nullable ImageOrder drafted) {
        ImageOrder order = submission.order();
        ObjectNode request = MAPPER.createObjectNode();
        switch (order.course()) {
            case Course.Whole _ -> whole(request, order);
            case Course.Draft _ -> whole(request, order).put("draft", true);
            case Course.Promotion promotion
            when drafted != null ->
                whole(request, promotion.of(drafted, order.images()))
                        .put("promote", promotion.draft().value());
            case Course.Promotion promotion -> sent(request, promotion, order.images());
        }
        return request.put("priority", submission.priority().wire())
                .put("deadline", submission.deadline().toString());
    }

    private static ObjectNode whole(ObjectNode request, ImageOrder order) {
        request.put("prompt", order.prompt());
        if (order.negativePrompt() != null) {
            request.put("negative_prompt", order.negativePrompt());
        }
        request.put("width", order.width()).put("height", order.height()).put("prior", order.prior());
        schedule(request, order.priorSchedule(), "prior_num_inference_steps", "prior_timesteps");
        request.put("prior_guidance_scale", order.priorGuidanceScale());
        schedule(request, order.decoderSchedule(), "num_inference_steps", "decoder_timesteps");
        request.put("decoder_guidance_scale", order.decoderGuidanceScale())
                .put("num_images_per_prompt", order.images())
                .put("seed", order.seed());
        format(request, order.output().format(), order.output().quality());
        return request.put("metadata", order.output().metadata().wire());
    }

    private static void sent(ObjectNode request, Course.Promotion promotion, int images) {
        request.put("promote", promotion.draft().value()).put("num_images_per_prompt", images);
        if (promotion.decoderSchedule() != null) {
            schedule(request, promotion.decoderSchedule(), "num_inference_steps", "decoder_timesteps");
        }
        if (promotion.decoderGuidanceScale() != null) {
            request.put("decoder_guidance_scale", promotion.decoderGuidanceScale());
        }
        if (promotion.format() != null) {
            format(request, promotion.format(), promotion.quality());
        }
        if (promotion.metadata() != null) {
            request.put("metadata", promotion.metadata().wire());
        }
    }

    private static void format(ObjectNode request, OutputFile.Format format, @Nullable Integer quality) {
        request.put("output_format", format.wire());
        if (format.lossy() && quality != null) {
            request.put("output_quality", quality);
        }
    }

    /** The stage's own default has no name: it is what an absent field means. */
    private static void schedule(ObjectNode request, Schedule schedule, String stepsName, String timestepsName) {
        switch (schedule) {
            case Schedule.Standard _ -> {}
            case Schedule.Linear linear -> request.put(stepsName, linear.count());
            case Schedule.Listed listed -> {
                ArrayNode timesteps = request.putArray(timestepsName);
                listed.timesteps().forEach(timesteps::add);
            }
        }
    }
}
