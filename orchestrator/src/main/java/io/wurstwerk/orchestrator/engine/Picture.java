package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Timings;
import org.jspecify.annotations.Nullable;

/**
 * A finished image, or the preview of a drafted one, on its way to the store.
 *
 * @param file its bytes
 * @param seed the 32 bits used, unsigned
 * @param truncated whether the prompt was longer than the text encoders take
 * @param draft of a draft only
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Picture(
        byte[] file,
        OutputFile.Format format,
        long seed,
        boolean truncated,
        Timings spent,
        @Nullable Draft draft) {

    /** An image that is drawn to its end. */
    public Picture(byte[] file, OutputFile.Format format, long seed, boolean truncated, Timings spent) {
        this(file, format, seed, truncated, spent, null);
    }

    /**
     * What is kept of a draft beside its preview.
     *
     * @param latents the object from which the image can be finished
     * @param width of the preview in pixels
     * @param height of the preview in pixels
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    public record Draft(byte[] latents, int width, int height) {}
}
