package io.wurstwerk.pipeline.noise;

/**
 * Sixteen uniforms to sixteen normals in float32, to the bit as PyTorch's AVX2 kernel computes them.
 *
 * <p>The kernel uses the Cephes polynomials for logarithm, sine and cosine (through {@code avx_mathfun.h}, zlib
 * licence), and GCC contracts some of their multiplications and additions into fused ones. Which ones decides the last
 * bit of about every hundredth value, so every {@link Math#fma(float, float, float)} below is deliberate, and so is
 * every product without one.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/aten/src/ATen/native/cpu/DistributionTemplates.h">
 *     DistributionTemplates.h, normal_fill_AVX2</a>
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // digits as published
final class BoxMuller {
    static final int BLOCK = 16;

    private static final float TWO_PI = 6.2831855f;
    private static final float SQRT_HALF = 0.70710678f;
    private static final float LOG_2_LOW = -2.12194440e-4f;
    private static final float LOG_2_HIGH = 0.693359375f;
    private static final float[] LOG = {
        7.0376836292e-2f,
        -1.1514610310e-1f,
        1.1676998740e-1f,
        -1.2420140846e-1f,
        1.4249322787e-1f,
        -1.6668057665e-1f,
        2.0000714765e-1f,
        -2.4999993993e-1f,
        3.3333331174e-1f
    };

    private static final float FOUR_OVER_PI = 1.27323954473516f;
    private static final float PI_4_HIGH = -0.78515625f;
    private static final float PI_4_MIDDLE = -2.4187564849853515625e-4f;
    private static final float PI_4_LOW = -3.77489497744594108e-8f;
    private static final float[] COSINE = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
    private static final float[] SINE = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};

    private BoxMuller() {}

    /** Replaces {@code values[from .. from+15]}, uniforms in [0, 1), by normals; slots j and j+8 make a pair. */
    static void transform(float[] values, int from) {
        for (int j = from; j < from + BLOCK / 2; j++) {
            float radius = (float) Math.sqrt(-2f * log(1f - values[j]));
            rotate(values, j, j + BLOCK / 2, radius, TWO_PI * values[j + BLOCK / 2]);
        }
    }

    private static float log(float uniform) {
        int bits = Float.floatToRawIntBits(Math.max(uniform, Float.MIN_NORMAL));
        float exponent = (bits >>> 23) - 126;
        float mantissa = Float.intBitsToFloat((bits & 0x007fffff) | 0x3f000000);
        float x = mantissa - 1f;
        if (mantissa < SQRT_HALF) {
            exponent -= 1f;
            x += mantissa;
        }
        float z = x * x;
        float y = polynomial(LOG, x) * x;
        y = Math.fma(y, z, exponent * LOG_2_LOW);
        y -= 0.5f * z;
        x += y;
        return Math.fma(exponent, LOG_2_HIGH, x);
    }

    /** Writes radius times cosine and sine of a non-negative angle. */
    private static void rotate(float[] values, int cosineSlot, int sineSlot, float radius, float angle) {
        int octant = ((int) (angle * FOUR_OVER_PI) + 1) & ~1;
        float x = Math.fma(octant, PI_4_HIGH, angle);
        x = Math.fma(octant, PI_4_MIDDLE, x);
        x = Math.fma(octant, PI_4_LOW, x);
        float z = x * x;

        float cosine = polynomial(COSINE, z) * z;
        cosine = Math.fma(cosine, z, -0.5f * z) + 1f;
        float sine = Math.fma(polynomial(SINE, z) * z, x, x);

        boolean swapped = (octant & 2) != 0;
        float sin = swapped ? cosine : sine;
        float cos = swapped ? sine : cosine;
        boolean sinNegative = (octant & 4) != 0;
        boolean cosNegative = ((octant - 2) & 4) == 0;
        // The kernel ends with value * 1 + 0, which turns a negative zero into a positive one.
        values[cosineSlot] = radius * (cosNegative ? -cos : cos) + 0f;
        values[sineSlot] = radius * (sinNegative ? -sin : sin) + 0f;
    }

    private static float polynomial(float[] coefficients, float x) {
        float y = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            y = Math.fma(y, x, coefficients[i]);
        }
        return y;
    }
}
