package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The model servers, each with its readiness, its circuit and the calls of this process that are under way on it. One
 * pipeline draws at a time; lanes that serve another one are set aside until they serve the same.
 */
final class Lanes {

    /**
     * A call's place on a lane.
     *
     * @param life counts the ends of the lane that were met: all calls of one life are hit by the same end
     * @param probe whether the call is the one that finds out whether the lane works again
     */
    record Berth(String lane, long life, boolean probe) {}

    private final Backoff backoff;
    private final Duration patience;
    private final Map<String, Lane> lanes = new TreeMap<>();
    /** Ends of lanes that were met. A lane that is forgotten and comes back does not live an old life again. */
    private long ends;

    private @Nullable String drawing;
    private @Nullable Instant strandedSince;

    /** @param patience with a pipeline none of whose lanes is ready, before another one draws */
    Lanes(Backoff backoff, Duration patience) {
        this.backoff = backoff;
        this.patience = patience;
    }

    // ---- what is told of them

    /** @param room calls that may be under way on it at once */
    void ready(String name, String pipeline, int room) {
        Lane lane = lanes.computeIfAbsent(name, n -> new Lane(n, new Circuit(backoff), ends));
        if (!pipeline.equals(lane.pipeline)) {
            // What the old models did says nothing about the new ones.
            lane.circuit = new Circuit(backoff);
            lane.told = false;
        }
        lane.pipeline = pipeline;
        lane.room = room;
        lane.ready = true;
        lane.gone = false;
    }

    void away(String name) {
        Lane lane = lanes.get(name);
        if (lane != null) {
            lane.ready = false;
        }
    }

    /** The lane takes no more calls, and does not count any more where lanes are counted. */
    void gone(String name) {
        Lane lane = lanes.get(name);
        if (lane != null) {
            lane.ready = false;
            lane.gone = true;
        }
    }

    /** Forgets lanes that are gone, once nothing is under way on them. */
    void forgetGone() {
        lanes.values().removeIf(lane -> lane.gone && lane.outstanding == 0);
    }

    // ---- which pipeline draws

    /**
     * The pipeline that shall draw from now on: the one that most lanes serve or served last. The present one stays
     * while as many serve it, unless it has had no ready lane for a while and another one has. Empty before the first
     * lane.
     */
    Optional<String> choice(Instant now) {
        Map<String, Integer> served = new HashMap<>();
        lanes.values().stream()
                .filter(lane -> !lane.gone)
                .forEach(lane -> served.merge(lane.pipeline, 1, Integer::sum));
        Optional<String> other = lanes.values().stream()
                .filter(lane -> lane.ready && !lane.pipeline.equals(drawing))
                .map(lane -> lane.pipeline)
                .max(Comparator.<String>comparingInt(pipeline -> served.getOrDefault(pipeline, 0))
                        .thenComparing(Comparator.reverseOrder()));
        boolean stranded = other.isPresent() && !reachable();
        strandedSince = !stranded ? null : strandedSince == null ? now : strandedSince;
        if (other.isPresent()
                && (drawing == null
                        || served.getOrDefault(other.get(), 0) > served.getOrDefault(drawing, 0)
                        || (strandedSince != null && !now.isBefore(strandedSince.plus(patience))))) {
            return other;
        }
        return Optional.ofNullable(drawing);
    }

    void drawWith(String pipeline) {
        drawing = pipeline;
        strandedSince = null;
        lanes.values().forEach(lane -> lane.told = false);
    }

    /** Lanes set aside since the last call, with what they serve. */
    Map<String, String> newlyAside() {
        Map<String, String> aside = new TreeMap<>();
        for (Lane lane : lanes.values()) {
            if (lane.ready && !draws(lane) && !lane.told) {
                lane.told = true;
                aside.put(lane.name, lane.pipeline);
            }
        }
        return aside;
    }

    private boolean draws(Lane lane) {
        return lane.pipeline.equals(drawing);
    }

    private Collection<Lane> drawing() {
        return lanes.values().stream().filter(lane -> lane.ready && draws(lane)).toList();
    }

    // ---- what may be asked

    /** Whether a server with the right models says that it is ready. */
    boolean reachable() {
        return !drawing().isEmpty();
    }

    /** Whether a lane takes calls, though it may be full. */
    boolean present() {
        return drawing().stream().anyMatch(lane -> lane.circuit.closed());
    }

    /** Whether nobody takes calls because the models err. */
    boolean erring() {
        return !present() && drawing().stream().anyMatch(lane -> lane.circuit.erring());
    }

    /** Calls that may be added to those under way. In an outage nobody knows: then it limits nothing. */
    int room() {
        return present()
                ? drawing().stream()
                        .filter(lane -> lane.circuit.closed())
                        .mapToInt(lane -> Math.max(0, lane.room - lane.outstanding))
                        .sum()
                : Integer.MAX_VALUE;
    }

    /**
     * Takes a place for one call: on a lane that waits for its probe, else on the one with the most room.
     *
     * @param avoid a lane that is taken only if there is no other
     * @return empty when no lane takes calls now, or all are full
     */
    Optional<Berth> board(@Nullable String avoid, Instant now) {
        List<Lane> free = drawing().stream()
                .filter(lane -> lane.outstanding < lane.room)
                .filter(lane -> lane.circuit.closed() || lane.circuit.due(now))
                .toList();
        Optional<Lane> best = free.stream()
                .min(Comparator.<Lane, Boolean>comparing(lane -> lane.name.equals(avoid))
                        .thenComparing(lane -> lane.circuit.closed())
                        .thenComparing(Comparator.<Lane>comparingInt(lane -> lane.room - lane.outstanding)
                                .reversed())
                        .thenComparingInt(lane -> lane.outstanding));
        return best.map(lane -> {
            boolean probe = !lane.circuit.closed();
            if (!lane.circuit.mayAsk(now)) {
                throw new IllegalStateException("lane " + lane.name + " was to take a call and does not");
            }
            lane.outstanding++;
            return new Berth(lane.name, lane.life, probe);
        });
    }

    // ---- what became of it

    /** The call is over. */
    void left(Berth berth) {
        lane(berth).outstanding--;
    }

    /** The call is over and nobody knows how. */
    void abandoned(Berth berth) {
        left(berth);
        if (berth.probe()) {
            lane(berth).circuit.unprobed();
        }
    }

    void failed(Berth berth, Instant now) {
        Lane lane = lane(berth);
        if (berth.life() == lane.life) {
            lane.life = ++ends;
        }
        if (berth.probe() || lane.circuit.closed()) {
            lane.circuit.failed(now);
        }
    }

    void worked(Berth berth) {
        lane(berth).circuit.worked();
    }

    /** The lane has encoded a prompt: it is there, but that says nothing about the models of the steps. */
    void answered(Berth berth) {
        lane(berth).circuit.answered();
        if (berth.probe()) {
            // Where the circuit stays open, the step that follows is the probe.
            lane(berth).circuit.unprobed();
        }
    }

    /** @return whether so many different jobs had a model error on the lane in a row that it must be its doing */
    boolean erred(Berth berth, JobId job, Instant now) {
        return lane(berth).circuit.erred(job, now);
    }

    List<LaneStatus> status(Instant now) {
        List<LaneStatus> all = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            all.add(new LaneStatus(
                    lane.name, lane.ready, draws(lane), lane.circuit.state(now), lane.outstanding, lane.room));
        }
        return all;
    }

    private Lane lane(Berth berth) {
        return Objects.requireNonNull(lanes.get(berth.lane()), "a berth is of a lane");
    }

    private static final class Lane {
        private final String name;
        private Circuit circuit;
        private String pipeline = "";
        private boolean ready;
        private boolean gone;
        private boolean told;
        private int room;
        private int outstanding;
        private long life;

        Lane(String name, Circuit circuit, long life) {
            this.name = name;
            this.circuit = circuit;
            this.life = life;
        }
    }
}
