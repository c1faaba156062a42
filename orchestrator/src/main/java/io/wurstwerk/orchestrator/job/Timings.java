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
        Duration total) {}
