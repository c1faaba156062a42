package io.wurstwerk.orchestrator.job;

import java.util.List;

/**
 * What a completed job delivers.
 *
 * @param promptTruncated whether the text encoders saw only the beginning of the prompt
 * @param pipeline fingerprint of the models that drew
 */
public record Drawing(
        String prior,
        int width,
        int height,
        boolean promptTruncated,
        String pipeline,
        List<StoredImage> images,
        Timings timings) {

    public Drawing {
        images = List.copyOf(images);
    }

    /** Whether the images are previews of what can be finished later. */
    public boolean draft() {
        return images.stream().anyMatch(image -> image.sketch() != null);
    }
}
