package io.wurstwerk.worker.inference;

import com.google.protobuf.ByteString;
import io.wurstwerk.worker.config.TensorSpec;
import java.util.List;

/**
 * An input of a checked request.
 *
 * @param spec what the model declares
 * @param shape whole wire shape, with the batch dimension where the model batches
 * @param contents raw little-endian elements, exactly as many bytes as the shape says
 */
public record InputTensor(TensorSpec spec, List<Long> shape, ByteString contents) {}
