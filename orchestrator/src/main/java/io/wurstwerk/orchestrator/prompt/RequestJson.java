package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;

/** An order in the words of a request, with every default spelled out: sent again, it asks for the same pictures. */
public final class RequestJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private RequestJson() {}

    public static ObjectNode of(Submission.Ordered submission) {
        ImageOrder order = submission.order();
        ObjectNode request = MAPPER.createObjectNode().put("prompt", order.prompt());
        if (order.negativePrompt() != null) {
            request.put("negative_prompt", order.negativePrompt());
        }
        request.put("width", order.width()).put("height", order.height()).put("prior", order.prior());
        schedule(request, order.priorSchedule(), "prior_num_inference_steps", "prior_timesteps");
        request.put("prior_guidance_scale", order.priorGuidanceScale());
        schedule(request, order.decoderSchedule(), "num_inference_steps", "decoder_timesteps");
        return request.put("decoder_guidance_scale", order.decoderGuidanceScale())
                .put("num_images_per_prompt", order.images())
                .put("seed", order.seed())
                .put("priority", submission.priority().wire())
                .put("deadline", submission.deadline().toString());
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
