package io.wurstwerk.orchestrator.fleet;

import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Pipeline;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of this process. It says which of them are ready and with what; which of them draws what is the engine's
 * choice. Thread-safe.
 */
public final class Fleet implements AutoCloseable {
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final int room;
    private volatile @Nullable String drawing;

    /**
     * Opens nothing before {@link #start()}.
     *
     * @param lanes at least one, no two of them to the same endpoint
     * @param room calls that this process may have under way on each lane at once
     */
    public Fleet(List<Lane> lanes, int room) {
        for (Lane lane : lanes) {
            if (this.lanes.put(lane.endpoint(), lane) != null) {
                throw new IllegalArgumentException(
                        "wurstwerk.triton.endpoint names " + lane.endpoint() + " more than once");
            }
        }
        if (lanes.isEmpty() || room < 1) {
            throw new IllegalArgumentException("a fleet has at least one lane, and room on it");
        }
        this.room = room;
    }

    public void start() {
        lanes.values().forEach(Lane::start);
    }

    /** Runs the action once, as soon as the models of the first lane have been read. */
    public void onFirstConnection(Runnable action) {
        var done = new AtomicBoolean();
        lanes.values()
                .forEach(lane -> lane.onFirstConnection(() -> {
                    if (done.compareAndSet(false, true)) {
                        action.run();
                    }
                }));
    }

    /** Tells how every lane is, and from then on what changes. */
    public void watch(Lane.Watcher watcher) {
        lanes.values().forEach(lane -> lane.watch(watcher));
    }

    /** Calls that this process may have under way on each lane at once. */
    public int room() {
        return room;
    }

    /** Whether a lane answered that it is ready when last asked. */
    public boolean ready() {
        return lanes.values().stream().anyMatch(Lane::ready);
    }

    /** Says which pipeline draws from now on. */
    public void drawsWith(String pipeline) {
        drawing = pipeline;
    }

    /**
     * What the models that draw can draw.
     *
     * @throws IllegalStateException before the first connection
     */
    public Catalog catalog() {
        Collection<Pipeline> known = lanes.values().stream()
                .map(Lane::known)
                .flatMap(Optional::stream)
                .toList();
        return known.stream()
                .filter(pipeline -> pipeline.fingerprint().equals(drawing))
                .findFirst()
                .or(() -> known.stream().findFirst())
                .map(Pipeline::catalog)
                .orElseThrow(() -> new IllegalStateException("no model server has answered yet"));
    }

    /** The endpoints of the lanes, in the order of the configuration. */
    public List<String> endpoints() {
        return List.copyOf(lanes.keySet());
    }

    /** The models of a lane, if it was ready when last asked. */
    public Optional<Pipeline> current(String endpoint) {
        return lane(endpoint).current();
    }

    /** A caller met an outage of a lane: nobody else needs to try before the server has been asked. */
    public void suspect(String endpoint) {
        lane(endpoint).suspect();
    }

    @Override
    public void close() {
        lanes.values().forEach(Lane::close);
    }

    private Lane lane(String endpoint) {
        Lane lane = lanes.get(endpoint);
        if (lane == null) {
            throw new IllegalArgumentException("no lane goes to " + endpoint);
        }
        return lane;
    }
}
