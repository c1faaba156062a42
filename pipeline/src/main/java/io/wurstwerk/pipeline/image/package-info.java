/**
 * Pixels to PNG.
 */
@NullMarked
package io.wurstwerk.pipeline.image;

import org.jspecify.annotations.NullMarked;
