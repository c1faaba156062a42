package io.wurstwerk.standalone.simulation;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that jumps from one planned action to the next. */
final class VirtualTime extends Clock {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private record Planned(long at, long order, Runnable action) {}

    private final PriorityQueue<Planned> plan =
            new PriorityQueue<>(Comparator.comparingLong(Planned::at).thenComparingLong(Planned::order));
    private long now;
    private long order;

    /** @param millis from now */
    void in(long millis, Runnable action) {
        plan.add(new Planned(now + millis, order++, action));
    }

    long millis0() {
        return now;
    }

    /** Does the next action; false when there is none. */
    boolean step() {
        Planned next = plan.poll();
        if (next == null) {
            return false;
        }
        now = next.at();
        next.action().run();
        return true;
    }

    @Override
    public Instant instant() {
        return BEGIN.plusMillis(now);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
