package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.Usage;
import io.wurstwerk.pipeline.Progress;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.image.Preview;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A generation as the engine sees it.
 *
 * @param pipeline fingerprint of the models that have drawn so far
 * @param promptTruncated whether the text encoders saw only the beginning of the prompt
 * @param spent time by stage
 * @param usage over all attempts; null where nobody knows what earlier ones used
 * @param preview what may be shown of the step that led here
 */
record LaneCanvas(
        String pipeline,
        String tenant,
        ImageOrder order,
        boolean promptTruncated,
        Generation generation,
        Map<Stage, Duration> spent,
        @Nullable Usage usage,
        Optional<Preview> preview)
        implements Canvas {

    LaneCanvas {
        spent = Map.copyOf(spent);
    }

    LaneCanvas stepped(Generation next, Stage stage, Duration took, Usage used, Optional<Preview> look) {
        Map<Stage, Duration> sum = new EnumMap<>(Stage.class);
        sum.putAll(spent);
        sum.merge(stage, took, Duration::plus);
        Usage all = usage == null ? null : usage.plus(used);
        return new LaneCanvas(pipeline, tenant, order, promptTruncated, next, sum, all, look);
    }

    Duration spent(Stage stage) {
        return spent.getOrDefault(stage, Duration.ZERO);
    }

    /** How far the image is now; Stage C step 0 before the first. */
    Progress progress() {
        return generation instanceof Denoising denoising
                ? new Progress(denoising.stage(), denoising.step(), denoising.steps())
                : new Progress(Stage.STAGE_A, 0, 1);
    }

    @Override
    public int stageCSteps() {
        return generation instanceof Denoising denoising && denoising.stage() == Stage.STAGE_C
                ? denoising.step()
                : order.priorSchedule().steps();
    }

    @Override
    public boolean resumable() {
        // A promotion begins with the latents of its draft, and so does its next attempt.
        return promoted().isEmpty()
                && generation instanceof Denoising denoising
                && (denoising.stage() == Stage.STAGE_C || denoising.step() == 0);
    }

    @Override
    public byte[] state() {
        if (!resumable() || !(generation instanceof Denoising denoising)) {
            throw new IllegalStateException(
                    "an image goes on only from Stage C or its end, and it is at " + progress());
        }
        return bytes(denoising.stageCLatents());
    }

    @Override
    public Optional<ImageOrder> promoted() {
        return order.course() instanceof Course.Promotion ? Optional.of(order) : Optional.empty();
    }

    static byte[] bytes(float[] latents) {
        ByteBuffer bytes = ByteBuffer.allocate(latents.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(latents);
        return bytes.array();
    }

    static float[] latents(byte[] state) {
        FloatBuffer floats =
                ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] latents = new float[floats.remaining()];
        floats.get(latents);
        return latents;
    }
}
