/**
 * Würstchen v2 behind one Triton endpoint: {@link io.wurstwerk.pipeline.Pipeline} turns an
 * {@link io.wurstwerk.pipeline.ImageRequest} into an {@link io.wurstwerk.pipeline.Image}.
 */
@NullMarked
package io.wurstwerk.pipeline;

import org.jspecify.annotations.NullMarked;
