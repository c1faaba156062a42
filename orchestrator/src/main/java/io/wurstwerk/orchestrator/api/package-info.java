/** What is asked over HTTP: today, whether the process is alive and ready. */
@NullMarked
package io.wurstwerk.orchestrator.api;

import org.jspecify.annotations.NullMarked;
