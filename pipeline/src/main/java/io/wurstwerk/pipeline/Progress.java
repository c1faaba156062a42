package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Decoding;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.diffusion.Stage;

/**
 * How far one image is.
 *
 * @param step steps of this stage that are done, from 1
 * @param steps steps of this stage in all
 */
public record Progress(Stage stage, int step, int steps) {

    /** Where an image is once the step that it wants is done. */
    public static Progress after(Generation generation) {
        return switch (generation) {
            case Denoising denoising -> new Progress(denoising.stage(), denoising.step() + 1, denoising.steps());
            case Decoding _, Drawn _ -> new Progress(Stage.STAGE_A, 1, 1);
        };
    }
}
