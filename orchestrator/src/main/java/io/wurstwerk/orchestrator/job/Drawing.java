package io.wurstwerk.orchestrator.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a completed job delivers.
 *
 * @param promptTruncated whether the text encoders saw only the beginning of the prompt
 * @param pipeline fingerprint of the models that drew
 * @param cost null where it is not known of every image
 */
public record Drawing(
        String prior,
        int width,
        int height,
        boolean promptTruncated,
        String pipeline,
        List<StoredImage> images,
        Timings timings,
        @Nullable Cost cost) {

    public Drawing {
        images = List.copyOf(images);
    }

    /** A drawing of which nobody knows the cost. */
    public Drawing(
            String prior,
            int width,
            int height,
            boolean promptTruncated,
            String pipeline,
            List<StoredImage> images,
            Timings timings) {
        this(prior, width, height, promptTruncated, pipeline, images, timings, null);
    }

    /** Whether the images are previews of what can be finished later. */
    public boolean draft() {
        return images.stream().anyMatch(image -> image.sketch() != null);
    }
}
