/** Queues in front of the models: which waiting requests run together, when, and what is counted about them. */
@NullMarked
package io.wurstwerk.worker.scheduling;

import org.jspecify.annotations.NullMarked;
