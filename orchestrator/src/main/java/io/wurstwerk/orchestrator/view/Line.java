package io.wurstwerk.orchestrator.view;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that owe an answer, and an estimate of the order in which those that wait will be begun: higher priorities
 * first; within a priority tenants take turns by the predicted cost of their jobs; within a tenant the older job goes
 * first. The owners of the partitions decide; ageing and what a tenant was given before are theirs to know. Guarded by
 * the view's lock.
 */
final class Line {

    /** A longer line is put in order once a second and not after every change. */
    private static final int LONG = 1_000;

    private static final Duration BETWEEN_ORDERINGS = Duration.ofSeconds(1);

    private final Map<JobId, Place> places = new HashMap<>();
    private final Map<String, Integer> byTenant = new HashMap<>();
    private Map<JobId, Ahead> ahead = Map.of();
    private boolean changed;
    private Instant orderedAt = Instant.EPOCH;
    private double cost;

    /**
     * @param cost predicted seconds
     * @param waits whether work on the job has not begun
     */
    record Place(JobId job, String tenant, Priority priority, double cost, Instant since, boolean waits) {}

    /**
     * What is before a job.
     *
     * @param jobs that are begun earlier, without those that are being drawn already
     * @param seconds of work in them and in those that are being drawn
     */
    record Ahead(int jobs, double seconds) {}

    void put(Place place) {
        Place before = places.put(place.job(), place);
        changed |= !place.equals(before);
        cost += place.cost() - (before == null ? 0 : before.cost());
        if (before == null) {
            byTenant.merge(place.tenant(), 1, Integer::sum);
        }
    }

    void remove(JobId job) {
        Place before = places.remove(job);
        if (before != null) {
            changed = true;
            cost -= before.cost();
            byTenant.computeIfPresent(before.tenant(), (tenant, count) -> count == 1 ? null : count - 1);
        }
    }

    int size() {
        return places.size();
    }

    int size(String tenant) {
        return byTenant.getOrDefault(tenant, 0);
    }

    /** Mean predicted seconds of an open job. */
    double meanCost() {
        return places.isEmpty() ? 0 : cost / places.size();
    }

    boolean has(JobId job) {
        return places.containsKey(job);
    }

    /** What is before a job that waits. In a long line, what was before it a second ago, if it was there. */
    Optional<Ahead> ahead(JobId job, Instant now) {
        if (changed && (places.size() <= LONG || !now.isBefore(orderedAt.plus(BETWEEN_ORDERINGS)))) {
            ahead = ordered(null);
            changed = false;
            orderedAt = now;
        }
        return Optional.ofNullable(ahead.get(job));
    }

    /** What would be before a job that is not there yet. */
    Ahead aheadOf(Place newcomer) {
        return ordered(newcomer).getOrDefault(newcomer.job(), new Ahead(0, 0));
    }

    private record Turn(Place place, double given) {}

    private Map<JobId, Ahead> ordered(@Nullable Place newcomer) {
        List<Place> waiting = new ArrayList<>();
        double seconds = 0;
        for (Place place : places.values()) {
            if (place.waits()) {
                waiting.add(place);
            } else {
                seconds += place.cost();
            }
        }
        if (newcomer != null) {
            waiting.add(newcomer);
        }
        waiting.sort(Comparator.comparing(Place::since)
                .thenComparing(place -> place.job().value()));
        Map<Priority, Map<String, Double>> given = new HashMap<>();
        List<Turn> turns = new ArrayList<>(waiting.size());
        for (Place place : waiting) {
            Map<String, Double> tenants = given.computeIfAbsent(place.priority(), _ -> new HashMap<>());
            turns.add(new Turn(place, tenants.getOrDefault(place.tenant(), 0.0)));
            tenants.merge(place.tenant(), place.cost(), Double::sum);
        }
        // Stable: who has been given the same stays in the order of time.
        turns.sort(Comparator.<Turn, Priority>comparing(turn -> turn.place().priority())
                .thenComparingDouble(Turn::given));
        Map<JobId, Ahead> order = new HashMap<>();
        int jobs = 0;
        for (Turn turn : turns) {
            order.put(turn.place().job(), new Ahead(jobs++, seconds));
            seconds += turn.place().cost();
        }
        return order;
    }
}
