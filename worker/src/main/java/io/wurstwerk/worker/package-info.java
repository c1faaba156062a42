/**
 * An inference server for machines without an NVIDIA GPU: it speaks Triton's gRPC protocol over the same model
 * repository and runs the graphs with ONNX Runtime.
 */
@NullMarked
package io.wurstwerk.worker;

import org.jspecify.annotations.NullMarked;
