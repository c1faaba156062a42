package io.wurstwerk.pipeline.diffusion;

/**
 * Everything that decides one image, apart from its text and the models.
 *
 * @param embeddingScale from the prior's configuration
 * @param geometry from the models' configuration
 * @param seed any 64-bit integer; only its low 32 bits matter
 */
public record GenerationPlan(
        ImageSize size,
        LatentGeometry geometry,
        EmbeddingScale embeddingScale,
        Timesteps priorTimesteps,
        double priorGuidanceScale,
        Timesteps decoderTimesteps,
        double decoderGuidanceScale,
        long seed) {

    public GenerationPlan {
        if (!Double.isFinite(priorGuidanceScale) || !Double.isFinite(decoderGuidanceScale)) {
            throw new IllegalArgumentException(
                    "guidance scales must be finite, got " + priorGuidanceScale + " and " + decoderGuidanceScale);
        }
    }

    /** Steps of {@link Stage#STAGE_C} or {@link Stage#STAGE_B}; 1 for the others. */
    public int steps(Stage stage) {
        return switch (stage) {
            case STAGE_C -> priorTimesteps.steps();
            case STAGE_B -> decoderTimesteps.steps();
            case TEXT, STAGE_A -> 1;
        };
    }

    public LatentShape stageC() {
        return geometry.stageC(size);
    }

    public LatentShape stageB() {
        return geometry.stageB(size);
    }
}
