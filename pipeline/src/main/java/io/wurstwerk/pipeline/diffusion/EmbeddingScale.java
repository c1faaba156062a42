package io.wurstwerk.pipeline.diffusion;

/**
 * What turns the final latents of Stage C into image embeddings.
 *
 * @param mean {@code latent_mean} of the prior pipeline, 42 in the released checkpoints
 * @param std {@code latent_std}, 1 in the released checkpoints; diffusers subtracts it
 */
public record EmbeddingScale(double mean, double std) {

    /** latents * mean - std, rounded after each operation; a new array. */
    float[] embeddings(float[] latents) {
        float factor = (float) mean;
        float offset = (float) std;
        float[] embeddings = new float[latents.length];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = latents[i] * factor - offset;
        }
        return embeddings;
    }
}
