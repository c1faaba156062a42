package io.wurstwerk.pipeline.diffusion;

/**
 * How image sides become latent sides; both roundings are those of diffusers.
 *
 * @param resolutionMultiple pixels per Stage C latent, 42.67 in the released checkpoints; rounded up
 * @param latentDimScale Stage B latents per Stage C latent, 10.67 in the released checkpoints; truncated
 */
public record LatentGeometry(double resolutionMultiple, double latentDimScale) {
    public static final int STAGE_C_CHANNELS = 16;
    public static final int STAGE_B_CHANNELS = 4;

    /** Stage A makes this many pixels of one Stage B latent, per side. */
    public static final int PIXELS_PER_LATENT = 4;

    public LatentGeometry {
        if (!(resolutionMultiple > 0 && latentDimScale > 0)) {
            throw new IllegalArgumentException("resolution_multiple " + resolutionMultiple + " and latent_dim_scale "
                    + latentDimScale + " must be positive");
        }
    }

    public LatentShape stageC(ImageSize size) {
        return new LatentShape(STAGE_C_CHANNELS, semanticSide(size.height()), semanticSide(size.width()));
    }

    public LatentShape stageB(ImageSize size) {
        LatentShape semantic = stageC(size);
        return new LatentShape(STAGE_B_CHANNELS, scaled(semantic.height()), scaled(semantic.width()));
    }

    /** The size that Stage A really draws; equals {@code size} for sides that the checkpoint can draw. */
    public ImageSize drawn(ImageSize size) {
        LatentShape latents = stageB(size);
        return new ImageSize(latents.width() * PIXELS_PER_LATENT, latents.height() * PIXELS_PER_LATENT);
    }

    private int semanticSide(int pixels) {
        return (int) Math.ceil(pixels / resolutionMultiple);
    }

    private int scaled(int side) {
        return (int) (side * latentDimScale);
    }
}
