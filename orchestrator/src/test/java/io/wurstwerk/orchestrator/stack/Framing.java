package io.wurstwerk.orchestrator.stack;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** How a stream falls into units that a {@link Fault} can hit one by one. */
public enum Framing {
    /** Whatever comes at once. */
    STREAM {
        @Override
        byte[] next(InputStream in) throws IOException {
            byte[] some = new byte[64 << 10];
            int read = in.read(some);
            return read < 0 ? null : Arrays.copyOf(some, read);
        }
    },
    /** Kafka's requests and answers, each with its length in front. */
    KAFKA {
        @Override
        byte[] next(InputStream in) throws IOException {
            try {
                int length = new DataInputStream(in).readInt();
                byte[] body = in.readNBytes(length);
                return body.length < length
                        ? null
                        : ByteBuffer.allocate(length + Integer.BYTES)
                                .putInt(length)
                                .put(body)
                                .array();
            } catch (EOFException end) {
                return null;
            }
        }
    };

    /** The next unit; null at the end. */
    abstract byte[] next(InputStream in) throws IOException;
}
