/** Where images are drawn and kept: the pipeline behind the lane, and the object store, as the engine's ports. */
@NullMarked
package io.wurstwerk.orchestrator.studio;

import org.jspecify.annotations.NullMarked;
