/** Running a model's graph on a batch of requests; the only package that knows ONNX Runtime. */
@NullMarked
package io.wurstwerk.worker.engine;

import org.jspecify.annotations.NullMarked;
