package io.wurstwerk.pipeline;

import java.time.Duration;

/**
 * Where the time of one image went.
 *
 * @param text zero when the conditioning was given
 */
public record StageTimings(Duration text, Duration stageC, Duration stageB, Duration stageA) {}
