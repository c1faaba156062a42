package io.wurstwerk.worker.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** What one execution at a time needs and the next one uses again: off-heap input buffers and run options. */
final class Workspace implements AutoCloseable {
    private final OrtSession.RunOptions runOptions;
    private final Map<String, ByteBuffer> buffers = new HashMap<>();

    Workspace() throws OrtException {
        runOptions = new OrtSession.RunOptions();
    }

    OrtSession.RunOptions runOptions() {
        return runOptions;
    }

    /** An empty little-endian buffer for this tensor with room for exactly {@code bytes}. */
    ByteBuffer buffer(String tensor, int bytes) {
        ByteBuffer buffer = buffers.get(tensor);
        if (buffer == null || buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
            buffers.put(tensor, buffer);
        }
        return buffer.clear().limit(bytes);
    }

    @Override
    public void close() {
        runOptions.close();
    }
}
