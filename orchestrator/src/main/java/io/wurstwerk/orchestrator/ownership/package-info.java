/**
 * The engine's log on Kafka: who owns which partition, the fenced transactions of each ownership, and the replay of what
 * was written before.
 */
@NullMarked
package io.wurstwerk.orchestrator.ownership;

import org.jspecify.annotations.NullMarked;
