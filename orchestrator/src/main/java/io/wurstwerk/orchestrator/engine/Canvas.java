package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One image between two model calls. Immutable: a canvas may be stepped again, checkpointed or thrown away without
 * harm, and equal canvases of one pipeline become equal images.
 */
public interface Canvas {

    /** Steps of Stage C that are done; all of them once Stage B has begun. */
    int stageCSteps();

    /** Whether {@link #state()} is all that a later owner needs: during Stage C and right before Stage B. */
    boolean resumable();

    /** The float32 latents of Stage C as they go into a checkpoint. Only of a resumable canvas. */
    byte[] state();

    /** What the image has used so far, over all attempts; null where nobody knows. */
    default @Nullable Usage usage() {
        return null;
    }

    /** The order as it turned out, where the submission only names the draft that it goes on from. */
    default Optional<ImageOrder> promoted() {
        return Optional.empty();
    }
}
