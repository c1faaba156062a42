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
 * priority rank by rank, up to the highest; priorities that stand equally high take turns. Within a priority the tenant
 * goes first that has been given the least, by the predicted cost of its jobs (deficit round robin without the rounds);
 * within a tenant the older job goes first.
 */
final class Backlog {
    private final Duration ageing;
    private final Map<Priority, Rank> ranks = new EnumMap<>(Priority.class);
    private final Map<JobId, JobEntry> entries = new HashMap<>();
    private long turns;

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
                .min(Comparator.naturalOrder());
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

    /** The jobs of one priority. */
    private static final class Rank {
        private final LinkedHashMap<String, Tenant> tenants = new LinkedHashMap<>();
        /** What the tenant served last had been given before: who comes or comes back starts from here. */
        private double floor;

        private long lastTurn;

        void add(JobEntry job) {
            Tenant tenant = tenants.computeIfAbsent(job.tenant(), name -> new Tenant());
            if (tenant.jobs.isEmpty()) {
                tenant.given = Math.max(tenant.given, floor);
            }
            tenant.jobs.put(job.id(), job);
        }

        /** A tenant without jobs is remembered for as long as it has been given more than the others. */
        void remove(JobEntry job) {
            Tenant tenant = tenants.get(job.tenant());
            if (tenant != null && tenant.jobs.remove(job.id()) != null && tenant.forgettable(floor)) {
                tenants.remove(job.tenant());
            }
        }

        Optional<Instant> oldest() {
            return tenants.values().stream()
                    .filter(tenant -> !tenant.jobs.isEmpty())
                    .map(tenant -> tenant.first().submittedAt())
                    .min(Comparator.naturalOrder());
        }

        /** Takes out the first job of the tenant that has been given the least. Only while there is one. */
        JobEntry turn() {
            Tenant tenant = tenants.values().stream()
                    .filter(one -> !one.jobs.isEmpty())
                    .min(Comparator.comparingDouble(one -> one.given))
                    .orElseThrow();
            JobEntry job = Objects.requireNonNull(tenant.jobs.pollFirstEntry()).getValue();
            floor = tenant.given;
            tenant.given += job.cost();
            tenants.values().removeIf(one -> one.forgettable(floor));
            return job;
        }
    }

    private static final class Tenant {
        private final LinkedHashMap<JobId, JobEntry> jobs = new LinkedHashMap<>();
        private double given;

        JobEntry first() {
            return jobs.firstEntry().getValue();
        }

        boolean forgettable(double floor) {
            return jobs.isEmpty() && given <= floor;
        }
    }
}
