package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Stage;

/**
 * How far one image is.
 *
 * @param step steps of this stage that are done, from 1
 * @param steps steps of this stage in all
 */
public record Progress(Stage stage, int step, int steps) {}
