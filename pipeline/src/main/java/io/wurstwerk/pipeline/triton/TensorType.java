package io.wurstwerk.pipeline.triton;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * Element types of the tensors that Würstchen's models take and give. The constants carry Triton's names; raw tensor
 * contents are little-endian.
 */
enum TensorType {
    FP32(Float.BYTES),
    FP16(Short.BYTES),
    BF16(Short.BYTES),
    INT64(Long.BYTES),
    UINT8(Byte.BYTES);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    int bytes() {
        return bytes;
    }

    /** The least magnitude that this floating point type rounds to infinity. */
    float overflow() {
        return this == FP16 ? 65_520f : Float.POSITIVE_INFINITY;
    }

    /** The rows one after the other, in this floating point type; halves are rounded to nearest even. */
    ByteString encode(List<float[]> rows) {
        int elements = rows.stream().mapToInt(row -> row.length).sum();
        byte[] contents = new byte[Math.multiplyExact(elements, bytes)];
        ByteBuffer buffer = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            switch (this) {
                case FP32 -> {
                    buffer.asFloatBuffer().put(row);
                    buffer.position(buffer.position() + Float.BYTES * row.length);
                }
                case FP16 -> {
                    for (float value : row) {
                        buffer.putShort(Float.floatToFloat16(value));
                    }
                }
                case BF16 -> {
                    for (float value : row) {
                        buffer.putShort(bfloat16(value));
                    }
                }
                case INT64, UINT8 -> throw new IllegalStateException(this + " is no floating point type");
            }
        }
        // The array is ours alone and is not written again.
        return UnsafeByteOperations.unsafeWrap(contents);
    }

    /** INT64 contents of the rows one after the other. */
    static ByteString encodeLongs(List<long[]> rows) {
        int elements = rows.stream().mapToInt(row -> row.length).sum();
        byte[] contents = new byte[Math.multiplyExact(elements, Long.BYTES)];
        ByteBuffer buffer = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
        for (long[] row : rows) {
            for (long value : row) {
                buffer.putLong(value);
            }
        }
        return UnsafeByteOperations.unsafeWrap(contents);
    }

    /** Fills {@code target} from raw contents in this floating point type. */
    void decode(ByteString raw, float[] target) {
        ByteBuffer buffer = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case FP32 -> buffer.asFloatBuffer().get(target);
            case FP16 -> {
                ShortBuffer shorts = buffer.asShortBuffer();
                for (int i = 0; i < target.length; i++) {
                    target[i] = Float.float16ToFloat(shorts.get(i));
                }
            }
            case BF16 -> {
                ShortBuffer shorts = buffer.asShortBuffer();
                for (int i = 0; i < target.length; i++) {
                    target[i] = Float.intBitsToFloat(shorts.get(i) << 16);
                }
            }
            case INT64, UINT8 -> throw new IllegalStateException(this + " is no floating point type");
        }
    }

    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // Rounding could carry a NaN with a small payload into infinity.
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
