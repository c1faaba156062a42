package io.wurstwerk.pipeline.triton;

import io.wurstwerk.pipeline.diffusion.EmbeddingScale;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.util.List;

/**
 * A Stage C checkpoint with what a client must know about it.
 *
 * @param name the checkpoint's name; its Triton model is called {@code stage_c_<name>}
 * @param recommendedNegativePrompt empty if none is
 * @param servedSizes what the server was built for; empty where it draws every size within the sides' limits
 */
public record PriorModel(
        String name,
        EmbeddingScale embeddingScale,
        double resolutionMultiple,
        double defaultGuidanceScale,
        String recommendedNegativePrompt,
        ImageSize defaultSize,
        int minSide,
        int maxSide,
        int sideMultiple,
        List<SizeRange> servedSizes) {}
