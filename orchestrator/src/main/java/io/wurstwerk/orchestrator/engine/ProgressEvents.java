package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Submission;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Tells how far one image is: every change of stage, the end of every stage, and in between at most ten events a second.
 * For the thread that draws the image.
 */
final class ProgressEvents {

    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    private final Submission.Ordered submission;
    private final int index;
    private final Clock clock;
    private final Consumer<ProducerRecord<String, byte[]>> sink;
    private String lastStage = "";
    private Instant lastSent = Instant.MIN;

    /** @param sink takes events without waiting for anybody */
    ProgressEvents(
            Submission.Ordered submission, int index, Clock clock, Consumer<ProducerRecord<String, byte[]>> sink) {
        this.submission = submission;
        this.index = index;
        this.clock = clock;
        this.sink = sink;
    }

    void at(String stage, int step, int steps) {
        Instant now = clock.instant();
        if (stage.equals(lastStage) && step < steps && now.isBefore(lastSent.plus(SHORTEST_INTERVAL))) {
            return;
        }
        lastStage = stage;
        lastSent = now;
        byte[] data =
                EventJson.progress(submission.job(), index, submission.order().images(), stage, step, steps);
        String id = "progress/" + index + "/" + stage + "/" + step;
        sink.accept(EventRecords.progress(submission.job(), submission.origin(), id, data, now));
    }
}
