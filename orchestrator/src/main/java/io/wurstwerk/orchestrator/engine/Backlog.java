package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait for a place, over all partitions of the process. Higher priorities go first, but waiting lifts a
 * job rank by rank; within a priority the tenants take turns, each by the predicted cost of its jobs (deficit round
 * robin); within a tenant the older job goes first.
 */
final class Backlog {
    private final Duration ageing;
    private final Map<Priority, Rank> ranks = new EnumMap<>(Priority.class);
    private final Map<JobId, JobEntry> entries = new HashMap<>();

    Backlog(Duration ageing) {
        this.ageing = ageing;
        for (Priority priority : Priority.values()) {
            ranks.put(priority, new Rank());
        }
    }

    void add(JobEntry job) {
        if (entries.putIfAbsent(job.id(), job) == null) {
            rank(job).add(job);
        }
    }

    void remove(JobId id) {
        JobEntry job = entries.remove(id);
        if (job != null) {
            rank(job).remove(job);
        }
    }

    int size() {
        return entries.size();
    }

    Optional<Instant> oldest() {
        return ranks.values().stream()
                .map(Rank::oldest)
                .flatMap(Optional::stream)
                .map(JobEntry::submittedAt)
                .min(Comparator.naturalOrder());
    }

    /** Takes out the job whose turn it is. */
    Optional<JobEntry> next(Instant now) {
        @Nullable Priority best = null;
        long bestRank = Long.MAX_VALUE;
        for (Priority priority : Priority.values()) {
            Optional<JobEntry> oldest = ranks(priority).oldest();
            if (oldest.isPresent() && lifted(oldest.get(), now) < bestRank) {
                best = priority;
                bestRank = lifted(oldest.get(), now);
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        Rank rank = ranks(best);
        // A rank that is up because its oldest job has waited serves that one, whoever's turn it is.
        JobEntry job = bestRank < rank(best) ? rank.oldest().orElseThrow() : rank.turn();
        remove(job.id());
        return Optional.of(job);
    }

    private long lifted(JobEntry job, Instant now) {
        return rank(job.priority()) - Duration.between(job.submittedAt(), now).dividedBy(ageing);
    }

    private static int rank(Priority priority) {
        return switch (priority) {
            case HIGH -> 0;
            case NORMAL -> 1;
            case LOW -> 2;
        };
    }

    private Rank rank(JobEntry job) {
        return ranks(job.priority());
    }

    private Rank ranks(Priority priority) {
        return Objects.requireNonNull(ranks.get(priority));
    }

    /** The jobs of one priority. */
    private static final class Rank {
        private final LinkedHashMap<String, Tenant> tenants = new LinkedHashMap<>();
        private double quantum;

        void add(JobEntry job) {
            quantum = Math.max(quantum, job.cost());
            tenants.computeIfAbsent(job.tenant(), name -> new Tenant()).jobs.put(job.id(), job);
        }

        void remove(JobEntry job) {
            Tenant tenant = tenants.get(job.tenant());
            if (tenant != null && tenant.jobs.remove(job.id()) != null && tenant.jobs.isEmpty()) {
                tenants.remove(job.tenant());
            }
        }

        Optional<JobEntry> oldest() {
            return tenants.values().stream().map(Tenant::first).min(Comparator.comparing(JobEntry::submittedAt));
        }

        /** A turn is worth the dearest job seen, so that whoever's turn it is can afford at least one. */
        JobEntry turn() {
            while (true) {
                Iterator<Map.Entry<String, Tenant>> first = tenants.entrySet().iterator();
                Map.Entry<String, Tenant> entry = first.next();
                Tenant tenant = entry.getValue();
                if (!tenant.onTurn) {
                    tenant.onTurn = true;
                    tenant.credit += quantum;
                }
                JobEntry job = tenant.first();
                if (job.cost() <= tenant.credit) {
                    tenant.credit -= job.cost();
                    return job;
                }
                tenant.onTurn = false;
                first.remove();
                tenants.put(entry.getKey(), tenant);
            }
        }
    }

    private static final class Tenant {
        private final LinkedHashMap<JobId, JobEntry> jobs = new LinkedHashMap<>();
        private double credit;
        private boolean onTurn;

        JobEntry first() {
            return jobs.firstEntry().getValue();
        }
    }
}
