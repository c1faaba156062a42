package io.wurstwerk.orchestrator.prompt;

import io.wurstwerk.orchestrator.job.Schedule;

/**
 * What a request may ask for, whatever the checkpoint.
 *
 * @param promptCharacters of the prompt and of the negative prompt, each
 * @param bodyBytes of the whole request
 * @param priorSteps of Stage C where the request names no schedule
 * @param decoderSteps of Stage B where the request names no schedule
 */
public record RequestLimits(
        int promptCharacters,
        int steps,
        int guidanceScale,
        int images,
        int bodyBytes,
        int priorSteps,
        int decoderSteps) {

    public static RequestLimits current() {
        return new RequestLimits(
                RequestValidation.LONGEST_PROMPT,
                RequestValidation.MOST_STEPS,
                RequestValidation.MOST_GUIDANCE,
                RequestValidation.MOST_IMAGES,
                PromptEventReader.MOST_BYTES,
                Schedule.STANDARD_STEPS,
                RequestValidation.DECODER_STEPS);
    }
}
