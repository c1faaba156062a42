/** Where images are drawn and kept: the pipelines behind the lanes, and the object store, as the engine's ports. */
@NullMarked
package io.wurstwerk.orchestrator.studio;

import org.jspecify.annotations.NullMarked;
