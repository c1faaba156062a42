package io.wurstwerk.standalone.simulation;

import io.wurstwerk.orchestrator.engine.Canvas;
import java.nio.ByteBuffer;

/**
 * An image whose denoiser is a hash: every step mixes in the step and the models' version, so that a step left out,
 * done twice or done by other models shows in the picture.
 */
record Chain(long version, long value, int stageCSteps, int of, int stageB) implements Canvas {
    static Chain begin(long version, long seed, int of) {
        return new Chain(version, mix(seed, version), 0, of, 0);
    }

    static Chain resume(long version, byte[] state, int step, int of) {
        return new Chain(version, ByteBuffer.wrap(state).getLong(), step, of, 0);
    }

    Chain step() {
        return stageCSteps < of
                ? new Chain(version, mix(value, version * 31 + stageCSteps), stageCSteps + 1, of, 0)
                : new Chain(version, mix(value, version * 31 + 1_000 + stageB), stageCSteps, of, stageB + 1);
    }

    boolean done(int stageBSteps) {
        return stageCSteps == of && stageB == stageBSteps;
    }

    byte[] picture() {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** What an unbroken run draws. */
    static byte[] oracle(long version, long seed, int of, int stageBSteps) {
        Chain chain = begin(version, seed, of);
        while (!chain.done(stageBSteps)) {
            chain = chain.step();
        }
        return chain.picture();
    }

    @Override
    public boolean resumable() {
        return stageB == 0;
    }

    @Override
    public byte[] state() {
        return picture();
    }

    private static long mix(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
