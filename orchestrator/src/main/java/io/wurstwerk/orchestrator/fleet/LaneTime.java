package io.wurstwerk.orchestrator.fleet;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Shares a lane's time among the calls that this process has under way on it: two at once have half of it each, so the
 * shares of all calls add up to the time in which the lane was busy. Thread-safe.
 */
public final class LaneTime {
    private final LongSupplier nanos;
    private long since;
    private int calls;
    private long busy;
    /** What a call would have by now that had been under way all the time. */
    private double each;

    /** @param nanos a clock that only runs forward */
    public LaneTime(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A call under way. */
    public interface Share {
        /** The call is over: its part of the lane's time. Asked once. */
        Duration end();
    }

    /** A call begins. */
    public synchronized Share begin() {
        advance();
        calls++;
        double from = each;
        return () -> end(from);
    }

    /** Seconds in which at least one call was under way. */
    public synchronized double busySeconds() {
        advance();
        return busy / 1e9;
    }

    private synchronized Duration end(double from) {
        advance();
        calls--;
        return Duration.ofNanos(Math.round(each - from));
    }

    private void advance() {
        long now = nanos.getAsLong();
        if (calls > 0) {
            busy += now - since;
            each += (now - since) / (double) calls;
        }
        since = now;
    }
}
