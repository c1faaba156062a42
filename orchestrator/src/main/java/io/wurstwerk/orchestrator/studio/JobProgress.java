package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.ownership.EventJson;
import io.wurstwerk.orchestrator.ownership.EventRecords;
import io.wurstwerk.pipeline.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Tells how far images are: every change of stage, and in between at most ten events a second for each image. For the
 * engine's thread.
 */
public final class JobProgress {
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final int REMEMBERED = 1_000;

    private final Clock clock;
    private final Consumer<ProducerRecord<String, byte[]>> sink;
    private final Map<String, Told> told = new HashMap<>();

    private record Told(String stage, Instant at) {}

    /** @param sink takes events without waiting for anybody */
    public JobProgress(Clock clock, Consumer<ProducerRecord<String, byte[]>> sink) {
        this.clock = clock;
        this.sink = sink;
    }

    public void stepped(ImageId image, Canvas canvas) {
        if (canvas instanceof LaneCanvas at) {
            Progress progress = at.progress();
            tell(image, at, progress.stage().name().toLowerCase(Locale.ROOT), progress.step(), progress.steps());
        }
    }

    private void tell(ImageId image, LaneCanvas canvas, String stage, int step, int steps) {
        String key = image.job() + "/" + image.index();
        Instant now = clock.instant();
        Told last = told.get(key);
        if (last != null && last.stage().equals(stage) && now.isBefore(last.at().plus(SHORTEST_INTERVAL))) {
            return;
        }
        if (told.size() >= REMEMBERED) {
            told.clear();
        }
        told.put(key, new Told(stage, now));
        byte[] data =
                EventJson.progress(image.job(), image.index(), canvas.order().images(), stage, step, steps);
        String id = "progress/" + image.index() + "/" + stage + "/" + step;
        sink.accept(EventRecords.progress(image.job(), canvas.tenant(), id, data, now));
    }
}
