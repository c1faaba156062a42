package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.job.JobId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The jobs that are watched through any instance, as the {@code watch} commands say: each holds for a while and is
 * repeated as long as somebody watches, so a watcher that is lost with its instance is forgotten by itself. Thread-safe
 * and bounded.
 */
public final class WatchedJobs implements Watchers {
    /** How long a command holds: two may be lost. */
    static final Duration HOLDS = WatchSignals.REPEATED.multipliedBy(3);

    private static final int MOST = 10_000;

    private final Clock clock;
    private final Map<JobId, Instant> until = new ConcurrentHashMap<>();

    public WatchedJobs(Clock clock) {
        this.clock = clock;
    }

    /**
     * A command has been read, perhaps an old one, again.
     *
     * @param at when it was written
     */
    public void heard(JobId job, Instant at) {
        Instant now = clock.instant();
        // Another machine's clock may be ahead.
        Instant end = (at.isAfter(now) ? now : at).plus(HOLDS);
        if (!end.isAfter(now)) {
            return;
        }
        if (until.size() >= MOST) {
            until.values().removeIf(passed -> !passed.isAfter(now));
        }
        if (until.size() < MOST || until.containsKey(job)) {
            until.merge(job, end, (known, heard) -> heard.isAfter(known) ? heard : known);
        }
    }

    @Override
    public boolean watching(JobId job) {
        Instant end = until.get(job);
        if (end == null) {
            return false;
        }
        if (end.isAfter(clock.instant())) {
            return true;
        }
        until.remove(job, end);
        return false;
    }
}
