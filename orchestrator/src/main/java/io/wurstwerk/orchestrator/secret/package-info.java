/** Settings that nobody but this process may know. */
@NullMarked
package io.wurstwerk.orchestrator.secret;

import org.jspecify.annotations.NullMarked;
