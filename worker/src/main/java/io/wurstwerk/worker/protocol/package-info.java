/** Triton's gRPC service and gRPC's health service over the model repository. */
@NullMarked
package io.wurstwerk.worker.protocol;

import org.jspecify.annotations.NullMarked;
