package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Picture;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.PreviewMap;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.image.Preview;
import java.time.Duration;

/** Makes what an image of a draft leaves behind: its preview, and the object from which it can be finished. */
final class DraftFiles {

    private static final long SEED_BITS = 0xffff_ffffL;

    private DraftFiles() {}

    /** @param finished with Stage C */
    static Picture of(LaneCanvas canvas, Denoising finished, int index, PreviewMap colours) {
        long start = System.nanoTime();
        float[] latents = finished.stageCLatents();
        Preview preview = Preview.of(colours, finished.stageCShape(), latents);
        byte[] object = new DraftObject(canvas.pipeline(), canvas.order(), finished.stageCShape(), latents).encode();
        Timings spent = new Timings(
                Duration.ZERO,
                canvas.spent(Stage.TEXT),
                canvas.spent(Stage.STAGE_C),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofNanos(System.nanoTime() - start),
                Duration.ZERO,
                Duration.ZERO);
        return new Picture(
                preview.png(),
                OutputFile.Format.PNG,
                (canvas.order().seed() + index) & SEED_BITS,
                canvas.promptTruncated(),
                spent,
                new Picture.Draft(object, preview.width(), preview.height()),
                canvas.usage());
    }
}
