/** The topics this application reads and writes: their names, and that they exist in the right shape before use. */
@NullMarked
package io.wurstwerk.orchestrator.topic;

import org.jspecify.annotations.NullMarked;
