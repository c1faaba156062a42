/**
 * Owns the partitions of the submissions topic: accepts each job once, draws its images, and ends it with one terminal
 * event. At least once: what was not finished when a process stops is read again by the next owner.
 */
@NullMarked
package io.wurstwerk.orchestrator.engine;

import org.jspecify.annotations.NullMarked;
