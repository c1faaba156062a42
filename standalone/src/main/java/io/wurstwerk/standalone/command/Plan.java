package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The steps that a job will have, as far as its request says. Only a first guess: how many there are is told by the job's
 * progress.
 *
 * @param stageC steps an image
 * @param stageB steps an image
 */
record Plan(int images, int stageC, int stageB) {
    private static final int USUAL_STAGE_C = 29;
    private static final int USUAL_STAGE_B = 12;
    private static final int MOST_STEPS = 200;
    private static final int MOST_IMAGES = 8;

    static Plan of(JsonNode request) {
        return new Plan(
                Math.clamp(request.path("num_images_per_prompt").asInt(1), 1, MOST_IMAGES),
                request.has("promote")
                        ? 1
                        : steps(request, "prior_num_inference_steps", "prior_timesteps", USUAL_STAGE_C),
                request.path("draft").asBoolean()
                        ? 1
                        : steps(request, "num_inference_steps", "decoder_timesteps", USUAL_STAGE_B));
    }

    /** Steps of one image in a stage of {@link StageCosts#STAGES}. */
    int steps(int stage) {
        return switch (StageCosts.STAGES.get(stage)) {
            case "stage_c" -> stageC;
            case "stage_b" -> stageB;
            default -> 1;
        };
    }

    private static int steps(JsonNode request, String count, String timesteps, int usual) {
        int listed = request.path(timesteps).size() - 1;
        return Math.clamp(listed > 0 ? listed : request.path(count).asInt(usual), 1, MOST_STEPS);
    }
}
