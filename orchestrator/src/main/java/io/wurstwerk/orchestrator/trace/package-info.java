/**
 * Follows jobs for those who look on with OpenTelemetry. The engine knows nothing of it: what is followed is told by its
 * listener and seen at its ports. Nothing here has a prompt in it.
 */
@NullMarked
package io.wurstwerk.orchestrator.trace;

import org.jspecify.annotations.NullMarked;
