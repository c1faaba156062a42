/**
 * The five Würstchen models behind Triton's gRPC protocol: what a repository must look like, the calls, their tensors and their failures.
 */
@NullMarked
package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.NullMarked;
