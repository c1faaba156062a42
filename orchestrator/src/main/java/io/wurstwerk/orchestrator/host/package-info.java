/** The engine's place in the framework: its thread, its configuration, its metrics and its start and stop. */
@NullMarked
package io.wurstwerk.orchestrator.host;

import org.jspecify.annotations.NullMarked;
