package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.image.ImageFile;
import io.wurstwerk.pipeline.image.ImageFormat;
import io.wurstwerk.pipeline.image.Provenance;
import org.jspecify.annotations.Nullable;

/** Makes the file that an order asks for. */
final class ImageFiles {

    private ImageFiles() {}

    /**
     * The file of a drawn image.
     *
     * @param pipeline fingerprint of the models that drew
     */
    static byte[] of(Drawn drawn, ImageOrder order, String pipeline) {
        return ImageFile.encode(
                format(order.output()),
                drawn.size().width(),
                drawn.size().height(),
                drawn.rgb(),
                provenance(drawn, order, pipeline));
    }

    private static ImageFormat format(OutputFile output) {
        return switch (output.format()) {
            case PNG -> new ImageFormat.Png();
            case JPEG -> new ImageFormat.Jpeg(output.quality());
            case WEBP -> new ImageFormat.Webp(output.quality());
        };
    }

    private static @Nullable Provenance provenance(Drawn drawn, ImageOrder order, String pipeline) {
        // The request of image 0, with the seed that this one was drawn with.
        return switch (order.output().metadata()) {
            case NONE -> null;
            case PARAMETERS ->
                ImageRequests.image(order, 0).withSeed(drawn.seed()).provenance(pipeline, false);
            case FULL -> ImageRequests.image(order, 0).withSeed(drawn.seed()).provenance(pipeline, true);
        };
    }
}
