package io.wurstwerk.pipeline.noise;

/**
 * PyTorch's CPU random number generator as an immutable value: a draw answers the numbers and the generator after
 * them. Bit-equal to {@code torch.randn(n, generator=torch.Generator().manual_seed(seed))} in float32 on x86-64 with
 * AVX2 or AVX-512, draw after draw.
 */
public final class TorchGenerator {
    private final MersenneTwister engine;
    private final Spare spare;

    private TorchGenerator(MersenneTwister engine, Spare spare) {
        this.engine = engine;
        this.spare = spare;
    }

    /** A fresh generator. Only the low 32 bits of {@code seed} matter, as in PyTorch. */
    public static TorchGenerator seeded(long seed) {
        return new TorchGenerator(MersenneTwister.seeded(seed), Spare.NONE);
    }

    /** The next {@code count} standard normals, as one tensor of that many elements would get them. */
    public Draw randn(int count) {
        requireNotNegative(count);
        Cursor cursor = new Cursor(engine.copy(), spare);
        float[] values = new float[count];
        if (count < BoxMuller.BLOCK) {
            cursor.fillSerially(values);
        } else {
            cursor.fillBlocks(values);
        }
        return new Draw(values, cursor.generator());
    }

    /** The generator after {@code draws} tensors of {@code count} normals each, without computing the normals. */
    public TorchGenerator skip(int count, int draws) {
        requireNotNegative(count);
        requireNotNegative(draws);
        if (count < BoxMuller.BLOCK) {
            TorchGenerator generator = this;
            for (int i = 0; i < draws; i++) {
                generator = generator.randn(count).next();
            }
            return generator;
        }
        MersenneTwister ahead = engine.copy();
        long integers = count % BoxMuller.BLOCK == 0 ? count : (long) count + BoxMuller.BLOCK;
        ahead.skip(integers * draws);
        return new TorchGenerator(ahead, spare);
    }

    private static void requireNotNegative(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("cannot draw " + count + " numbers");
        }
    }

    /**
     * Numbers drawn and the generator after them.
     *
     * @param values owned by the receiver
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of two results, never compared
    public record Draw(float[] values, TorchGenerator next) {}

    /** The second normal of a pair made for a tensor of fewer than 16 elements; it outlives the draw. */
    private record Spare(boolean present, double value) {
        static final Spare NONE = new Spare(false, 0);
    }

    /** The moving part of one draw. */
    private static final class Cursor {
        private final MersenneTwister engine;
        private Spare spare;

        Cursor(MersenneTwister engine, Spare spare) {
            this.engine = engine;
            this.spare = spare;
        }

        TorchGenerator generator() {
            return new TorchGenerator(engine, spare);
        }

        void fillBlocks(float[] values) {
            for (int i = 0; i < values.length; i++) {
                values[i] = engine.nextFloat();
            }
            for (int from = 0; from + BoxMuller.BLOCK <= values.length; from += BoxMuller.BLOCK) {
                BoxMuller.transform(values, from);
            }
            if (values.length % BoxMuller.BLOCK != 0) {
                // PyTorch redoes the last 16 values from fresh uniforms, finished ones among them.
                int from = values.length - BoxMuller.BLOCK;
                for (int i = from; i < values.length; i++) {
                    values[i] = engine.nextFloat();
                }
                BoxMuller.transform(values, from);
            }
        }

        void fillSerially(float[] values) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) nextNormal();
            }
        }

        private double nextNormal() {
            if (spare.present()) {
                double value = spare.value();
                spare = Spare.NONE;
                return value;
            }
            double angle = 2 * Math.PI * engine.nextDouble();
            double radius = StrictMath.sqrt(-2 * StrictMath.log1p(-engine.nextDouble()));
            spare = new Spare(true, radius * StrictMath.sin(angle));
            return radius * StrictMath.cos(angle);
        }
    }
}
