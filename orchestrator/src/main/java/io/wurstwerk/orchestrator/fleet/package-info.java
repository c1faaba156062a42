/** The way to the models: a lane to each Triton endpoint, its readiness, and its return after an outage. */
@NullMarked
package io.wurstwerk.orchestrator.fleet;

import org.jspecify.annotations.NullMarked;
