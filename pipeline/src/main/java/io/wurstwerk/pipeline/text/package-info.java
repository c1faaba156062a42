/**
 * From a prompt to the 77 token ids and attention mask that the text encoders take.
 */
@NullMarked
package io.wurstwerk.pipeline.text;

import org.jspecify.annotations.NullMarked;
