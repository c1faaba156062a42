/**
 * Pixels to PNG, JPEG and WebP, with or without a word on how they were made, and latents to small previews.
 */
@NullMarked
package io.wurstwerk.pipeline.image;

import org.jspecify.annotations.NullMarked;
