package io.wurstwerk.worker.engine;

import io.wurstwerk.worker.config.ElementType;
import java.nio.ByteBuffer;

/** Conversion between the three floating point types a config and its graph may disagree about. */
final class FloatConversion {
    private FloatConversion() {}

    /** Whether one type can stand on the wire and the other in the graph. */
    static boolean possible(ElementType one, ElementType other) {
        return convertible(one) && convertible(other);
    }

    /** Appends the elements of {@code from} to {@code to}, rounding to nearest even; both are little-endian. */
    static void convert(ByteBuffer from, ElementType fromType, ByteBuffer to, ElementType toType) {
        while (from.hasRemaining()) {
            float value = switch (fromType) {
                case FP16 -> Float.float16ToFloat(from.getShort());
                case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
                default -> from.getFloat();
            };
            switch (toType) {
                case FP16 -> to.putShort(Float.floatToFloat16(value));
                case BF16 -> to.putShort(toBfloat16(value));
                default -> to.putFloat(value);
            }
        }
    }

    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        int roundToEven = 0x7FFF + ((bits >>> 16) & 1);
        return (short) ((bits + roundToEven) >>> 16);
    }

    private static boolean convertible(ElementType type) {
        return type == ElementType.FP32 || type == ElementType.FP16 || type == ElementType.BF16;
    }
}
