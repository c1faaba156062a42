/**
 * What is asked over HTTP: jobs submitted, watched, found and cancelled, what can be drawn and at what cost, and whether
 * the process is alive and ready. What is submitted here becomes the same prompt event as everyone else's.
 */
@NullMarked
package io.wurstwerk.orchestrator.api;

import org.jspecify.annotations.NullMarked;
