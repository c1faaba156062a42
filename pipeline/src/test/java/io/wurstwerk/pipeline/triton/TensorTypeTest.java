package io.wurstwerk.pipeline.triton;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.math.BigDecimal;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTypeTest {

    @Test
    void contentsAreLittleEndianWithTheRowsOneAfterTheOther() {
        assertThat(TensorType.FP32.encode(List.of(new float[] {1f}, new float[] {-2f})))
                .isEqualTo(bytes(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0));
        assertThat(TensorType.FP16.encode(List.of(new float[] {1f}, new float[] {-2f})))
                .isEqualTo(bytes(0, 0x3c, 0, 0xc0));
        assertThat(TensorType.BF16.encode(List.of(new float[] {1f}, new float[] {-2f})))
                .isEqualTo(bytes(0x80, 0x3f, 0, 0xc0));
        assertThat(TensorType.encodeLongs(List.of(new long[] {258}))).isEqualTo(bytes(2, 1, 0, 0, 0, 0, 0, 0));
    }

    @Property
    void everyHalfSurvivesTheWayThereAndBack(@ForAll short bits) {
        float half = Float.float16ToFloat(bits);
        assertThat(roundTrip(TensorType.FP16, half)).isEqualTo(Float.valueOf(half));
    }

    @Property
    void everyBfloat16SurvivesTheWayThereAndBack(@ForAll short bits) {
        float value = Float.intBitsToFloat(bits << 16);
        assertThat(roundTrip(TensorType.BF16, value)).isEqualTo(Float.valueOf(value));
    }

    @Property
    void everyFloatSurvivesAsFp32(@ForAll float value) {
        assertThat(roundTrip(TensorType.FP32, value)).isEqualTo(Float.valueOf(value));
    }

    @Property
    void bfloat16RoundsToTheNearestAndTiesToEven(@ForAll @FloatRange(min = -1e30f, max = 1e30f) float value) {
        float below = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
        float above = Float.intBitsToFloat((Float.floatToRawIntBits(value) & 0xffff0000) + 0x10000);
        int nearer = distance(value, below).compareTo(distance(value, above));
        boolean belowIsEven = (Float.floatToRawIntBits(value) >>> 16 & 1) == 0;
        float expected = nearer < 0 || (nearer == 0 && belowIsEven) ? below : above;
        assertThat(roundTrip(TensorType.BF16, value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "3f808000, 3f800000", // a tie, down to even
        "3f818000, 3f820000", // a tie, up to even
        "3f808001, 3f810000",
        "7f7fffff, 7f800000", // the largest float becomes infinite
        "ff800000, ff800000",
        "80000000, 80000000"
    })
    void bfloat16OfSpecialValues(String from, String to) {
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(from, 16));
        assertThat(Float.floatToRawIntBits(roundTrip(TensorType.BF16, value)))
                .isEqualTo(Integer.parseUnsignedInt(to, 16));
    }

    @ParameterizedTest
    @EnumSource(names = {"FP32", "FP16", "BF16"})
    void notANumberStaysNotANumber(TensorType type) {
        assertThat(roundTrip(type, Float.NaN)).isNaN();
        // A NaN whose payload lies in the low bits only must not become infinite.
        assertThat(roundTrip(type, Float.intBitsToFloat(0x7f800001))).isNaN();
    }

    private static float roundTrip(TensorType type, float value) {
        float[] target = new float[1];
        type.decode(type.encode(List.of(new float[] {value})), target);
        return target[0];
    }

    private static BigDecimal distance(float one, float other) {
        return new BigDecimal(one).subtract(new BigDecimal(other)).abs();
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}
