/** What a model's {@code config.pbtxt} says: read, completed with the defaults of Triton's core, and checked. */
@NullMarked
package io.wurstwerk.worker.config;

import org.jspecify.annotations.NullMarked;
