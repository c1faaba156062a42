package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which dependencies are away. While one is, nobody asks it, except a single probe each time its pause has run out; the
 * first answer ends the outage.
 */
final class Outages {
    /** Model errors of this many different jobs in a row are the server's doing, not the jobs'. */
    private static final int SUSPECT_JOBS = 3;

    private final Backoff backoff;
    private final Map<Dependency, Away> away = new EnumMap<>(Dependency.class);
    private final Set<JobId> erring = new HashSet<>();

    Outages(Backoff backoff) {
        this.backoff = backoff;
    }

    boolean present(Dependency dependency) {
        return !away.containsKey(dependency);
    }

    /** Whether one more request may be sent: always while present, else for the probe of this pause. */
    boolean mayAsk(Dependency dependency, Instant now) {
        Away outage = away.get(dependency);
        if (outage == null) {
            return true;
        }
        if (outage.probing || now.isBefore(outage.retryAt)) {
            return false;
        }
        outage.probing = true;
        return true;
    }

    void failed(Dependency dependency, Instant now) {
        Away outage = away.computeIfAbsent(dependency, d -> new Away(now));
        if (outage.failures == 0 || outage.probing) {
            outage.failures++;
            outage.probing = false;
            outage.retryAt = now.plus(backoff.afterFailures(outage.failures));
        }
    }

    void worked(Dependency dependency) {
        away.remove(dependency);
        if (dependency == Dependency.TRITON) {
            erring.clear();
        }
    }

    /** Triton has encoded a prompt: it is there, but that says nothing about the models of the steps. */
    void answered() {
        if (!erring()) {
            away.remove(Dependency.TRITON);
        }
    }

    /** Whether Triton counts as away because its models err. */
    boolean erring() {
        Away outage = away.get(Dependency.TRITON);
        return outage != null && outage.byErrors;
    }

    /** The probe was given up before it was answered. */
    void unprobed(Dependency dependency) {
        Away outage = away.get(dependency);
        if (outage != null) {
            outage.probing = false;
        }
    }

    /**
     * Counts a model error.
     *
     * @return whether the server counts as away: so many jobs in a row had one that it must be its doing
     */
    boolean erred(JobId job, Instant now) {
        Away outage = away.get(Dependency.TRITON);
        if (outage != null && !outage.byErrors) {
            // It answered, if only with an error.
            away.remove(Dependency.TRITON);
        }
        erring.add(job);
        if (erring.size() < SUSPECT_JOBS) {
            return false;
        }
        failed(Dependency.TRITON, now);
        Objects.requireNonNull(away.get(Dependency.TRITON)).byErrors = true;
        return true;
    }

    private static final class Away {
        private int failures;
        private boolean probing;
        private boolean byErrors;
        private Instant retryAt;

        Away(Instant now) {
            this.retryAt = now;
        }
    }
}
