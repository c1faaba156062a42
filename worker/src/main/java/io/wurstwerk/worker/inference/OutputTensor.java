package io.wurstwerk.worker.inference;

import com.google.protobuf.ByteString;
import io.wurstwerk.worker.config.TensorSpec;
import java.util.List;

/**
 * An output as it goes to the caller.
 *
 * @param spec what the model declares
 * @param shape whole wire shape
 * @param contents raw little-endian elements
 */
public record OutputTensor(TensorSpec spec, List<Long> shape, ByteString contents) {}
