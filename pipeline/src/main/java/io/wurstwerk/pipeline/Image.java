package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.image.ImageFile;
import io.wurstwerk.pipeline.image.ImageFormat;
import io.wurstwerk.pipeline.image.Png;
import io.wurstwerk.pipeline.image.Provenance;
import org.jspecify.annotations.Nullable;

/** A finished image. Immutable as long as nobody writes to the array that {@link #rgb} shares. */
public final class Image {
    private final Drawn drawn;
    private final StageTimings timings;

    Image(Drawn drawn, StageTimings timings) {
        this.drawn = drawn;
        this.timings = timings;
    }

    public int width() {
        return drawn.size().width();
    }

    public int height() {
        return drawn.size().height();
    }

    /** The pixels, [height, width, 3]; shared, not copied. */
    public byte[] rgb() {
        return drawn.rgb();
    }

    /** The low 32 bits of the request's seed, unsigned: all that mattered of it. */
    public long seed() {
        return drawn.seed();
    }

    /** Whether the prompt was longer than the text encoders take, so that its end had no say. */
    public boolean promptTruncated() {
        return drawn.promptTruncated();
    }

    public StageTimings timings() {
        return timings;
    }

    /** A PNG file without metadata; equal pixels give equal bytes. */
    public byte[] toPng() {
        return Png.encode(width(), height(), rgb());
    }

    /**
     * A file of any format; see {@link ImageFile#encode}.
     *
     * @param provenance what the file says about its making, from {@link ImageRequest#provenance}; null for nothing
     */
    public byte[] toFile(ImageFormat format, @Nullable Provenance provenance) {
        return ImageFile.encode(format, width(), height(), rgb(), provenance);
    }
}
