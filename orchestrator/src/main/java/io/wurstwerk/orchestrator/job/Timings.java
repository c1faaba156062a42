package io.wurstwerk.orchestrator.job;

import java.time.Duration;

/** Where a job's time went; for several images the sum over the images, except {@code queued} and {@code total}. */
public record Timings(
        Duration queued,
        Duration text,
        Duration stageC,
        Duration stageB,
        Duration stageA,
        Duration encode,
        Duration upload,
        Duration total) {

    /** Adds what one image took; {@code queued} and {@code total} stay. */
    public Timings plus(Timings image) {
        return new Timings(
                queued,
                text.plus(image.text),
                stageC.plus(image.stageC),
                stageB.plus(image.stageB),
                stageA.plus(image.stageA),
                encode.plus(image.encode),
                upload.plus(image.upload),
                total);
    }
}
