/**
 * The durable engine: who owns a partition, what its journal says, which job is worked on next, and how each job gets
 * exactly one answer. The classes here are one single-threaded state machine without clock, threads or I/O: events come
 * in, orders go out through {@link io.wurstwerk.orchestrator.engine.Ports}. A simulation drives the same code.
 */
@NullMarked
package io.wurstwerk.orchestrator.engine;

import org.jspecify.annotations.NullMarked;
