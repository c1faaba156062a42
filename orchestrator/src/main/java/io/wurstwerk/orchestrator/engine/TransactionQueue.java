package io.wurstwerk.orchestrator.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Group commit: what becomes ready while a transaction is under way goes into the next one, all of it together. Things
 * happen in the order in which they were added.
 */
final class TransactionQueue {
    private final int partition;
    private final long epoch;
    private final Ports.Log log;
    private final List<Ports.Entry> entries = new ArrayList<>();
    private List<Runnable> waiting = new ArrayList<>();
    private List<Runnable> underWay = List.of();
    private boolean busy;
    private long transaction;

    TransactionQueue(int partition, long epoch, Ports.Log log) {
        this.partition = partition;
        this.epoch = epoch;
        this.log = log;
    }

    /** @param then runs once the entries, and everything added before them, are durable */
    void add(List<? extends Ports.Entry> written, Runnable then) {
        entries.addAll(written);
        waiting.add(then);
    }

    /** Begins the next transaction if there is something to write and none is under way. */
    void flush() {
        while (!busy && !waiting.isEmpty()) {
            underWay = waiting;
            waiting = new ArrayList<>();
            if (entries.isEmpty()) {
                finish();
            } else {
                List<Ports.Entry> batch = List.copyOf(entries);
                entries.clear();
                busy = true;
                log.commit(partition, epoch, ++transaction, batch);
            }
        }
    }

    void committed(long committed) {
        if (!busy || committed != transaction) {
            throw new IllegalStateException("transaction " + committed + " of partition " + partition
                    + " was committed while " + transaction + " is the last one");
        }
        busy = false;
        finish();
    }

    boolean idle() {
        return !busy && waiting.isEmpty();
    }

    private void finish() {
        List<Runnable> done = underWay;
        underWay = List.of();
        done.forEach(Runnable::run);
    }
}
