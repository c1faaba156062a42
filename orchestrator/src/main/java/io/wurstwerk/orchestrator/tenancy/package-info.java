/** Who asks over HTTP, how it is known, and how much one tenant may ask for. */
@NullMarked
package io.wurstwerk.orchestrator.tenancy;

import org.jspecify.annotations.NullMarked;
