package io.wurstwerk.pipeline.diffusion;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one call of a denoising model takes: rows of equal shape. A generation asks for one row, or two when it is
 * guided; a scheduler may join the rows of many generations into one input, and cut the answer in the same order.
 *
 * @param stage {@link Stage#STAGE_C} or {@link Stage#STAGE_B}
 * @param latents shape of each row's latents and of each row of the answer
 * @param effnet shape of each row's image embeddings; null in Stage C
 */
public record StepInput(
        Stage stage, LatentShape latents, @Nullable LatentShape effnet, List<Row> rows) {
    public StepInput {
        if (stage != Stage.STAGE_C && stage != Stage.STAGE_B) {
            throw new IllegalArgumentException(stage + " does not denoise");
        }
        if ((stage == Stage.STAGE_B) != (effnet != null)) {
            throw new IllegalArgumentException("image embeddings go with STAGE_B only, not with " + stage);
        }
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one row");
        }
        rows = List.copyOf(rows);
    }

    /**
     * One item of the batch. The arrays are shared with the generation, not copied, and must not be changed.
     *
     * @param timestep noise time of this row; rows of one batch may differ
     * @param text last hidden states, [77, width]
     * @param effnet image embeddings; null in Stage C
     */
    @SuppressWarnings("ArrayRecordComponent") // shared read-only tensors, never compared
    public record Row(float[] latents, float timestep, float[] text, float @Nullable [] effnet) {}
}
