package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The jobs that wait for a place, over all partitions of the process. Higher priorities go first, but waiting lifts a
 * priority rank by rank, up to the highest; priorities that stand equally high take turns. Within a priority tenants
 * share by the predicted cost of their jobs: deficit round robin with rounds so short that only the order of their ends
 * is left of them. A tenant saves up for its next job from the moment when it has one, all tenants equally fast, and
 * whoever has saved enough first goes first. Within a tenant the older job goes first.
 */
final class Backlog {
    private final Duration ageing;
    private final Map<Priority, Rank> ranks = new EnumMap<>(Priority.class);
    private final Map<JobId, JobEntry> entries = new HashMap<>();
    private long turns;
    private double cost;

    Backlog(Duration ageing) {
        this.ageing = ageing;
        for (Priority priority : Priority.values()) {
            ranks.put(priority, new Rank());
        }
    }

    void add(JobEntry job) {
        if (entries.putIfAbsent(job.id(), job) == null) {
            cost += job.cost();
            rank(job).add(job);
        }
    }

    void remove(JobId id) {
        JobEntry job = entries.remove(id);
        if (job != null) {
            rank(job).remove(job);
            left(job);
        }
    }

    /** Nothing costs nothing: what adding and subtracting leave over must not stay. */
    private void left(JobEntry job) {
        cost = entries.isEmpty() ? 0 : Math.max(0, cost - job.cost());
    }

    /** Predicted cost of all jobs in line. */
    double cost() {
        return cost;
    }

    int size() {
        return entries.size();
    }

    /** Tenants of whom something is kept, in all ranks. */
    int tenants() {
        return ranks.values().stream().mapToInt(rank -> rank.tenants.size()).sum();
    }

    Optional<Instant> oldest() {
        return ranks.values().stream()
                .map(Rank::oldest)
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    Optional<Instant> oldest(Priority priority) {
        return ranks(priority).oldest();
    }

    /** Takes out the job whose turn it is. */
    Optional<JobEntry> next(Instant now) {
        Optional<Priority> best = ranks.keySet().stream()
                .filter(priority -> ranks(priority).oldest().isPresent())
                .min(Comparator.<Priority>comparingLong(priority -> height(priority, now))
                        .thenComparingLong(priority -> ranks(priority).lastTurn));
        return best.map(priority -> {
            Rank rank = ranks(priority);
            rank.lastTurn = ++turns;
            JobEntry job = rank.turn();
            entries.remove(job.id());
            left(job);
            return job;
        });
    }

    /** Zero is the highest. A crowd that has waited for long stands there too, but above nobody. */
    private long height(Priority priority, Instant now) {
        int rank = switch (priority) {
            case HIGH -> 0;
            case NORMAL -> 1;
            case LOW -> 2;
        };
        Instant oldest = ranks(priority).oldest().orElse(now);
        return Math.max(0, rank - Duration.between(oldest, now).dividedBy(ageing));
    }

    private Rank rank(JobEntry job) {
        return ranks(job.priority());
    }

    private Rank ranks(Priority priority) {
        return Objects.requireNonNull(ranks.get(priority));
    }

    /** The jobs of one priority. Nothing is kept of a tenant without jobs, so tenants may come and go. */
    private static final class Rank {
        private final LinkedHashMap<String, Tenant> tenants = new LinkedHashMap<>();
        /** What every tenant could have saved up since the beginning: who comes or comes back starts from here. */
        private double saved;

        private long lastTurn;

        void add(JobEntry job) {
            tenants.computeIfAbsent(job.tenant(), name -> new Tenant(saved))
                    .jobs
                    .put(job.id(), job);
        }

        void remove(JobEntry job) {
            Tenant tenant = tenants.get(job.tenant());
            if (tenant != null && tenant.jobs.remove(job.id()) != null && tenant.jobs.isEmpty()) {
                tenants.remove(job.tenant());
            }
        }

        Optional<Instant> oldest() {
            return tenants.values().stream()
                    .map(tenant -> tenant.first().submittedAt())
                    .min(Comparator.naturalOrder());
        }

        /** Takes out the first job of the tenant that can pay for it first; of several, the longest without a turn. */
        JobEntry turn() {
            Tenant tenant = tenants.values().stream()
                    .min(Comparator.comparingDouble(Tenant::pays).thenComparingLong(one -> one.lastTurn))
                    .orElseThrow();
            double paid = tenant.pays();
            JobEntry job = Objects.requireNonNull(tenant.jobs.pollFirstEntry()).getValue();
            tenant.spent = paid;
            tenant.lastTurn = lastTurn;
            saved = Math.max(saved, paid);
            if (tenant.jobs.isEmpty()) {
                tenants.remove(job.tenant());
            }
            return job;
        }
    }

    private static final class Tenant {
        private final LinkedHashMap<JobId, JobEntry> jobs = new LinkedHashMap<>();
        /** Of what was saved up, what is gone: never more than all tenants could have saved. */
        private double spent;

        private long lastTurn;

        Tenant(double spent) {
            this.spent = spent;
        }

        JobEntry first() {
            return jobs.firstEntry().getValue();
        }

        /** When the tenant has saved enough for its next job. */
        double pays() {
            return spent + first().cost();
        }
    }
}
