package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The started jobs of a process, in the order of their turns. */
final class StartedJobs {
    private final Map<JobId, Started> jobs = new LinkedHashMap<>();

    record Started(Owner owner, Work work) {
        JobId id() {
            return work.job().id();
        }

        boolean suspicious() {
            return work.state().attempts().suspicious();
        }

        boolean draws() {
            return work.drawing() + work.wanting() > 0;
        }
    }

    void add(Started one) {
        jobs.put(one.id(), one);
    }

    @Nullable
    Started get(JobId job) {
        return jobs.get(job);
    }

    @Nullable
    Started remove(JobId job) {
        return jobs.remove(job);
    }

    /** Its turn is the last from now on. */
    void last(Started one) {
        jobs.remove(one.id());
        jobs.put(one.id(), one);
    }

    List<Started> of(Owner owner) {
        return jobs.values().stream().filter(one -> one.owner() == owner).toList();
    }

    int size() {
        return jobs.size();
    }

    /** Images that occupy a place. */
    int active() {
        return sum(Work::active);
    }

    /** Images that occupy a place or want the next one. */
    int claims() {
        return sum(Work::claims);
    }

    /** Images that want a lane and have none. */
    int wanting() {
        return sum(Work::wanting);
    }

    private int sum(ToIntFunction<Work> count) {
        return jobs.values().stream()
                .mapToInt(one -> count.applyAsInt(one.work()))
                .sum();
    }

    boolean anyHeld(Dependency dependency) {
        return jobs.values().stream()
                .anyMatch(one -> one.work().held(dependency).isPresent());
    }

    boolean anySuspicious() {
        return jobs.values().stream().anyMatch(Started::suspicious);
    }

    /** @param freshFirst whether those with images that nobody has begun go before the others */
    List<Started> turns(boolean freshFirst) {
        List<Started> turns = new ArrayList<>(jobs.values());
        if (freshFirst) {
            turns.sort(Comparator.comparing(one -> one.work().pending().isEmpty()));
        }
        return turns;
    }

    /**
     * Whether the job may draw now. One that may be what lanes die of draws alone, one such job after the other, and all
     * others wait at their next step until it is disproved or gone.
     */
    boolean mayDraw(Started one) {
        Optional<JobId> suspect = jobs.values().stream()
                .filter(Started::suspicious)
                .filter(Started::draws)
                .map(Started::id)
                .findFirst();
        return suspect.isEmpty()
                || (suspect.get().equals(one.id())
                        && jobs.values().stream()
                                .filter(other -> other.work().drawing() > 0)
                                .allMatch(other -> other.id().equals(one.id())));
    }
}
