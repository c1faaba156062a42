/**
 * The whole installation inside one process: Kafka broker, S3 store, inference worker and orchestrator, started in
 * that order and stopped in reverse.
 */
@NullMarked
package io.wurstwerk.standalone.stack;

import org.jspecify.annotations.NullMarked;
