package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.ownership.EventJson;
import io.wurstwerk.orchestrator.ownership.EventRecords;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.pipeline.Progress;
import io.wurstwerk.pipeline.image.Preview;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Tells how far images are: every change of stage, every preview, and in between at most ten events a second for each
 * image. For the engine's thread.
 */
public final class JobProgress {
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final int REMEMBERED = 1_000;

    private final Clock clock;
    private final Consumer<ProducerRecord<String, byte[]>> sink;
    private final Function<JobId, @Nullable String> traces;
    private final Map<String, Told> told = new HashMap<>();

    private record Told(String tenant, int images, String stage, Instant at) {}

    /** @param sink takes events without waiting for anybody */
    public JobProgress(Clock clock, Consumer<ProducerRecord<String, byte[]>> sink) {
        this(clock, sink, JobTraces.OFF::of);
    }

    /**
     * @param sink takes events without waiting for anybody
     * @param traces where the trace of a job stands
     */
    public JobProgress(
            Clock clock, Consumer<ProducerRecord<String, byte[]>> sink, Function<JobId, @Nullable String> traces) {
        this.traces = traces;
        this.clock = clock;
        this.sink = sink;
    }

    /** The image has left the queue and its text is about to be encoded. */
    void begun(ImageId image, String tenant, int images) {
        tell(image, tenant, images, "queued", 1, 1);
        tell(image, tenant, images, "text", 0, 1);
    }

    public void stepped(ImageId image, Canvas canvas) {
        if (canvas instanceof LaneCanvas at) {
            Progress progress = at.progress();
            tell(
                    image,
                    at.tenant(),
                    at.order().images(),
                    progress.stage().name().toLowerCase(Locale.ROOT),
                    progress.step(),
                    progress.steps(),
                    at.preview());
        }
    }

    /** The image is drawn and on its way to the store. */
    void uploading(ImageId image) {
        Told last = told.get(key(image));
        if (last != null) {
            tell(image, last.tenant(), last.images(), "upload", 0, 1);
        }
    }

    public void stored(ImageId image) {
        Told last = told.remove(key(image));
        if (last != null) {
            tell(image, last.tenant(), last.images(), "upload", 1, 1);
            told.remove(key(image));
        }
    }

    private static String key(ImageId image) {
        return image.job() + "/" + image.index();
    }

    private void tell(ImageId image, String tenant, int images, String stage, int step, int steps) {
        tell(image, tenant, images, stage, step, steps, Optional.empty());
    }

    private void tell(
            ImageId image, String tenant, int images, String stage, int step, int steps, Optional<Preview> preview) {
        String key = key(image);
        Instant now = clock.instant();
        Told last = told.get(key);
        boolean soon = last != null
                && last.stage().equals(stage)
                && now.isBefore(last.at().plus(SHORTEST_INTERVAL));
        if (soon && preview.isEmpty()) {
            return;
        }
        if (told.size() >= REMEMBERED) {
            told.clear();
        }
        told.put(key, new Told(tenant, images, stage, now));
        byte[] data = EventJson.progress(
                image.job(),
                image.index(),
                images,
                stage,
                step,
                steps,
                preview.map(look -> new EventJson.Preview(look.width(), look.height(), look.png()))
                        .orElse(null));
        String id = "progress/" + image.index() + "/" + stage + "/" + step;
        sink.accept(EventRecords.progress(image.job(), tenant, id, data, now, traces.apply(image.job())));
    }
}
