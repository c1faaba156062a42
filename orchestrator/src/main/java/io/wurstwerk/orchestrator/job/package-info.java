/**
 * What a job is and what may become of it: identity, request, states and the patience it is owed. Pure values and
 * functions; nothing here knows of Kafka, Triton, the store or a framework.
 */
@NullMarked
package io.wurstwerk.orchestrator.job;

import org.jspecify.annotations.NullMarked;
