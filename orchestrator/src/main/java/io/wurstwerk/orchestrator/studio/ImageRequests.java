package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.pipeline.ImageRequest;
import io.wurstwerk.pipeline.Prompt;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Timesteps;

/** Says an order in the pipeline's words. */
final class ImageRequests {

    private ImageRequests() {}

    /** Image {@code index} of an order: its generator is seeded with the order's seed plus the index. */
    static ImageRequest image(ImageOrder order, int index) {
        return new ImageRequest(
                prompt(order),
                new ImageSize(order.width(), order.height()),
                order.prior(),
                timesteps(order.priorSchedule()),
                order.priorGuidanceScale(),
                timesteps(order.decoderSchedule()),
                order.decoderGuidanceScale(),
                order.seed() + index);
    }

    static Prompt prompt(ImageOrder order) {
        return Prompt.of(
                order.prompt(), order.negativePrompt(), order.priorGuidanceScale(), order.decoderGuidanceScale());
    }

    static Timesteps timesteps(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Standard _ -> Timesteps.DEFAULT_STAGE_C;
            case Schedule.Linear linear -> Timesteps.linear(linear.count());
            case Schedule.Listed listed ->
                Timesteps.of(listed.timesteps().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray());
        };
    }
}
