package io.wurstwerk.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.worker.config.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatConversionTest {
    private static ByteBuffer convert(ByteBuffer from, ElementType fromType, ElementType toType) {
        ByteBuffer to = ByteBuffer.allocate(from.remaining() / fromType.bytes() * toType.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        FloatConversion.convert(from, fromType, to, toType);
        return to.flip();
    }

    @ParameterizedTest
    @CsvSource({"FP16", "BF16"})
    void everyHalfSurvivesTheWayThroughFp32(ElementType half) {
        ByteBuffer all = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            all.putShort((short) bits);
        }
        all.flip();
        ByteBuffer back = convert(
                convert(all.duplicate().order(ByteOrder.LITTLE_ENDIAN), half, ElementType.FP32),
                ElementType.FP32,
                half);
        int exponent = half == ElementType.FP16 ? 0x7C00 : 0x7F80;
        for (int bits = 0; bits < 1 << 16; bits++) {
            short survived = back.getShort();
            boolean notANumber = (bits & exponent) == exponent && (bits & (exponent ^ 0x7FFF)) != 0;
            if (notANumber) {
                assertThat(survived & exponent).isEqualTo(exponent);
                assertThat(survived & (exponent ^ 0x7FFF)).isNotZero();
            } else {
                assertThat(survived).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void bfloat16RoundsToNearestEven() {
        assertThat(FloatConversion.toBfloat16(1f)).isEqualTo((short) 0x3F80);
        assertThat(FloatConversion.toBfloat16(Float.intBitsToFloat(0x3F808000))).isEqualTo((short) 0x3F80);
        assertThat(FloatConversion.toBfloat16(Float.intBitsToFloat(0x3F808001))).isEqualTo((short) 0x3F81);
        assertThat(FloatConversion.toBfloat16(Float.intBitsToFloat(0x3F818000))).isEqualTo((short) 0x3F82);
        assertThat(FloatConversion.toBfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
        assertThat(FloatConversion.toBfloat16(-0f)).isEqualTo((short) 0x8000);
        assertThat(FloatConversion.toBfloat16(Float.intBitsToFloat(0x7F800001))).isEqualTo((short) 0x7FC0);
    }

    @Test
    void onlyFloatingPointTypesOfUpTo32BitsAreConverted() {
        assertThat(FloatConversion.possible(ElementType.FP16, ElementType.FP32)).isTrue();
        assertThat(FloatConversion.possible(ElementType.BF16, ElementType.FP16)).isTrue();
        assertThat(FloatConversion.possible(ElementType.FP64, ElementType.FP32)).isFalse();
        assertThat(FloatConversion.possible(ElementType.INT64, ElementType.INT64))
                .isFalse();
    }
}
