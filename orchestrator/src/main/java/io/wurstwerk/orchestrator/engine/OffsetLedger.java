package io.wurstwerk.orchestrator.engine;

import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * The offsets of one partition that were taken up and not yet finished. Only what lies before the first unfinished one
 * may be committed. For the poll thread alone.
 */
final class OffsetLedger {

    private final TreeSet<Long> unfinished = new TreeSet<>();
    private long next = -1;
    private long committed = -1;

    void began(long offset) {
        if (next < 0) {
            committed = offset;
        }
        unfinished.add(offset);
        next = Math.max(next, offset + 1);
    }

    void finished(long offset) {
        unfinished.remove(offset);
    }

    /** The position to commit, where it is beyond the last one that was {@link #committed(long) committed}. */
    OptionalLong committable() {
        long position = unfinished.isEmpty() ? next : unfinished.first();
        return position > committed ? OptionalLong.of(position) : OptionalLong.empty();
    }

    void committed(long position) {
        committed = Math.max(committed, position);
    }
}
