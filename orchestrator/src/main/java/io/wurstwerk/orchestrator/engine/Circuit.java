package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.JobId;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether something that may be away is asked. Closed, everyone asks; open, nobody does, except a single probe each time
 * the pause has run out; the first answer closes it.
 */
final class Circuit {
    /** Model errors of this many different jobs in a row are the server's doing, not the jobs'. */
    private static final int SUSPECT_JOBS = 3;

    private final Backoff backoff;
    private final Set<JobId> erring = new HashSet<>();
    /** In a row; none while closed. */
    private int failures;

    private boolean probing;
    private boolean byErrors;
    private Instant retryAt = Instant.MIN;

    Circuit(Backoff backoff) {
        this.backoff = backoff;
    }

    boolean closed() {
        return failures == 0;
    }

    /** Whether it is open and the next question would be the probe of this pause. */
    boolean due(Instant now) {
        return !closed() && !probing && !now.isBefore(retryAt);
    }

    /** Whether one more request may be sent: always while closed, else as the probe of this pause. */
    boolean mayAsk(Instant now) {
        if (closed()) {
            return true;
        }
        if (!due(now)) {
            return false;
        }
        probing = true;
        return true;
    }

    /** Whoever was asked before it opened, and fails after, does not lengthen the pause. */
    void failed(Instant now) {
        if (closed() || probing) {
            failures++;
            probing = false;
            retryAt = now.plus(backoff.afterFailures(failures));
        }
    }

    void worked() {
        close();
        erring.clear();
    }

    /** It has answered, but to a question that says nothing about those that it erred on. */
    void answered() {
        if (!byErrors) {
            close();
        }
    }

    private void close() {
        failures = 0;
        probing = false;
        byErrors = false;
    }

    /** Whether it is open because of errors. */
    boolean erring() {
        return byErrors;
    }

    CircuitState state(Instant now) {
        if (closed()) {
            return CircuitState.CLOSED;
        }
        return probing || due(now) ? CircuitState.HALF_OPEN : CircuitState.OPEN;
    }

    /** The probe was given up before it was answered. */
    void unprobed() {
        probing = false;
    }

    /**
     * Counts a model error.
     *
     * @return whether the circuit is open now: so many jobs in a row had one that it must be the server's doing
     */
    boolean erred(JobId job, Instant now) {
        // It answered, if only with an error.
        answered();
        erring.add(job);
        if (erring.size() < SUSPECT_JOBS) {
            return false;
        }
        failed(now);
        byErrors = true;
        return true;
    }
}
