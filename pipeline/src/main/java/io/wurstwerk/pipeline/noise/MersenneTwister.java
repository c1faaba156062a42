package io.wurstwerk.pipeline.noise;

/**
 * MT19937 as PyTorch seeds and reads it. Mutable and confined to the call that copied it out of a {@link TorchGenerator}.
 *
 * @see <a href="https://doi.org/10.1145/272991.272995">Matsumoto and Nishimura, 1998</a>
 */
final class MersenneTwister {
    private static final int SIZE = 624;
    private static final int OFFSET = 397;
    private static final int MATRIX = 0x9908b0df;
    private static final int UPPER = 0x80000000;
    private static final int LOWER = 0x7fffffff;

    private final int[] state;
    private int position;

    private MersenneTwister(int[] state, int position) {
        this.state = state;
        this.position = position;
    }

    /** Only the low 32 bits of {@code seed} matter, as in PyTorch. */
    static MersenneTwister seeded(long seed) {
        int[] state = new int[SIZE];
        state[0] = (int) seed;
        for (int j = 1; j < SIZE; j++) {
            state[j] = 1812433253 * (state[j - 1] ^ (state[j - 1] >>> 30)) + j;
        }
        return new MersenneTwister(state, SIZE);
    }

    MersenneTwister copy() {
        return new MersenneTwister(state.clone(), position);
    }

    int nextInt() {
        if (position == SIZE) {
            twist();
        }
        int y = state[position++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    /** Uniform in [0, 1) with 24 bits. */
    float nextFloat() {
        return (nextInt() & 0xffffff) * 0x1p-24f;
    }

    /** Uniform in [0, 1) with 53 bits; the first of two integers is the high half. */
    double nextDouble() {
        long high = nextInt();
        long low = Integer.toUnsignedLong(nextInt());
        return ((high << 32 | low) & ((1L << 53) - 1)) * 0x1p-53;
    }

    void skip(long integers) {
        long left = integers;
        while (left > SIZE - position) {
            left -= SIZE - position;
            twist();
        }
        position += (int) left;
    }

    private void twist() {
        for (int i = 0; i < SIZE; i++) {
            int y = (state[i] & UPPER) | (state[(i + 1) % SIZE] & LOWER);
            state[i] = state[(i + OFFSET) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX);
        }
        position = 0;
    }
}
