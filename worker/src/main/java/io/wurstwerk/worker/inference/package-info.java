/** One inference: the request checked against its model's configuration, and the answer with its tensors. */
@NullMarked
package io.wurstwerk.worker.inference;

import org.jspecify.annotations.NullMarked;
