package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.job.Usage;
import org.jspecify.annotations.Nullable;

/**
 * A finished image, or the preview of a drafted one, on its way to the store.
 *
 * @param file its bytes
 * @param seed the 32 bits used, unsigned
 * @param truncated whether the prompt was longer than the text encoders take
 * @param draft of a draft only
 * @param usage null where nobody knows
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Picture(
        byte[] file,
        OutputFile.Format format,
        long seed,
        boolean truncated,
        Timings spent,
        @Nullable Draft draft,
        @Nullable Usage usage) {

    /** An image that is drawn to its end, and nobody knows what it has used. */
    public Picture(byte[] file, OutputFile.Format format, long seed, boolean truncated, Timings spent) {
        this(file, format, seed, truncated, spent, null, null);
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
