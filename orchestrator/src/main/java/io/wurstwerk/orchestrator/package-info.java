/** The Quarkus application: prompt events in, jobs, storage, result events out. Only what holds the packages together. */
@NullMarked
package io.wurstwerk.orchestrator;

import org.jspecify.annotations.NullMarked;
