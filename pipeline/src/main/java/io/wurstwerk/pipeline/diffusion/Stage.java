package io.wurstwerk.pipeline.diffusion;

/** The four stages of one image, in order. */
public enum Stage {
    /** Both text encoders. */
    TEXT,
    /** The prior: guided denoising of the image embedding. */
    STAGE_C,
    /** The decoder: denoising of the image latents. */
    STAGE_B,
    /** The VQGAN decoder: latents to pixels. */
    STAGE_A
}
