package io.wurstwerk.orchestrator.fleet;

import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Pipeline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of this process: those of the configuration, and those to which its names lead at the moment. It says which
 * of them are ready and with what; which of them draws what is the engine's choice. Thread-safe.
 */
public final class Fleet implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Fleet.class);

    private final Set<String> fixed = new LinkedHashSet<>();
    private final Map<LaneName, Set<String>> named = new LinkedHashMap<>();
    private final int most;
    private final int room;
    private final Opening opening;
    private final Discovery discovery;
    private final Duration drain;
    private final InstantSource clock;

    private final ReentrantLock changing = new ReentrantLock();
    private final List<Lane.Watcher> watchers = new ArrayList<>();
    private final List<Runnable> atFirst = new ArrayList<>();
    private final Deque<Leaving> leaving = new ArrayDeque<>();
    private boolean started;
    private boolean closed;
    private boolean full;
    /** Replaced as a whole with every change. */
    private volatile Map<String, Lane> lanes = Map.of();

    private volatile @Nullable String drawing;

    /** Makes a lane. */
    interface Opening {
        /** @param authority what the server calls itself, {@code host:port} */
        Lane lane(String endpoint, String authority);
    }

    /** A lane that takes no more work, until its last calls are over. */
    private record Leaving(Lane lane, Instant until) {}

    /**
     * Opens nothing before {@link #start()}.
     *
     * @param endpoints {@code host:port} of lanes that are always there, and {@code dns:///host:port} for the lanes at
     *     every address of a host; at least one, each once
     * @param resolver says where the hosts of the latter are
     * @param limits of those lanes
     * @param room calls that this process may have under way on each lane at once
     */
    Fleet(List<String> endpoints, Opening opening, Resolver resolver, Limits limits, int room, InstantSource clock) {
        for (String endpoint : endpoints) {
            boolean name = endpoint.startsWith(LaneName.SCHEME);
            if (!(name ? named.putIfAbsent(LaneName.of(endpoint), Set.of()) == null : fixed.add(endpoint))) {
                throw new IllegalArgumentException("wurstwerk.triton.endpoint names " + endpoint + " more than once");
            }
        }
        if (endpoints.isEmpty() || room < 1) {
            throw new IllegalArgumentException("a fleet has at least one lane, and room on it");
        }
        if (fixed.size() > limits.most()) {
            throw new IllegalArgumentException("wurstwerk.triton.endpoint names " + fixed.size()
                    + " servers, and wurstwerk.triton.lanes allows " + limits.most());
        }
        this.opening = opening;
        this.most = limits.most();
        this.drain = limits.drain();
        this.room = room;
        this.clock = clock;
        Map<String, Lane> first = new LinkedHashMap<>();
        fixed.forEach(endpoint -> first.put(endpoint, opening.lane(endpoint, endpoint)));
        this.lanes = first;
        this.discovery = new Discovery(List.copyOf(named.keySet()), resolver, limits.interval(), this::leads);
    }

    /**
     * What lanes that are found by name may cost.
     *
     * @param most lanes in all
     * @param interval between two questions for a name
     * @param drain how long the calls on a lane that is no longer there may last
     */
    record Limits(int most, Duration interval, Duration drain) {}

    public void start() {
        changing.lock();
        try {
            started = true;
            lanes.values().forEach(Lane::start);
        } finally {
            changing.unlock();
        }
        discovery.start();
    }

    /** Runs the action once, as soon as the models of the first lane have been read. */
    public void onFirstConnection(Runnable action) {
        var done = new AtomicBoolean();
        Runnable once = () -> {
            if (done.compareAndSet(false, true)) {
                action.run();
            }
        };
        changing.lock();
        try {
            atFirst.add(once);
            lanes.values().forEach(lane -> lane.onFirstConnection(once));
        } finally {
            changing.unlock();
        }
    }

    /** Tells how every lane is, and from then on what changes. */
    public void watch(Lane.Watcher watcher) {
        changing.lock();
        try {
            watchers.add(watcher);
            lanes.values().forEach(lane -> lane.watch(watcher));
        } finally {
            changing.unlock();
        }
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

    /** The endpoints of the lanes: first those of the configuration in its order, then those that were found. */
    public List<String> endpoints() {
        return List.copyOf(lanes.keySet());
    }

    /** Whether the lane is one of this process now. */
    public boolean has(String endpoint) {
        return lanes.containsKey(endpoint);
    }

    /** The models of a lane, if it was ready when last asked. */
    public Optional<Pipeline> current(String endpoint) {
        return Optional.ofNullable(lanes.get(endpoint)).flatMap(Lane::current);
    }

    /** A caller met an outage of a lane: nobody else needs to try before the server has been asked. */
    public void suspect(String endpoint) {
        Lane lane = lanes.get(endpoint);
        if (lane != null) {
            lane.suspect();
        }
    }

    @Override
    public void close() {
        discovery.close();
        List<Lane> open = new ArrayList<>();
        changing.lock();
        try {
            closed = true;
            open.addAll(lanes.values());
            leaving.forEach(left -> open.add(left.lane()));
            leaving.clear();
        } finally {
            changing.unlock();
        }
        open.forEach(Lane::close);
    }

    /** A name has been resolved. */
    private void leads(LaneName name, Set<String> endpoints) {
        List<Lane> over = new ArrayList<>();
        changing.lock();
        try {
            if (closed) {
                return;
            }
            named.put(name, endpoints);
            change(wanted());
            while (!leaving.isEmpty()
                    && (leaving.size() > most
                            || !clock.instant().isBefore(leaving.getFirst().until()))) {
                over.add(leaving.removeFirst().lane());
            }
        } finally {
            changing.unlock();
        }
        over.forEach(Lane::close);
    }

    /** The lanes that shall be, with what their servers call themselves. Where there are too many, those there stay. */
    private Map<String, String> wanted() {
        Map<String, String> found = new LinkedHashMap<>();
        named.forEach(
                (name, endpoints) -> endpoints.forEach(endpoint -> found.putIfAbsent(endpoint, name.authority())));
        found.keySet().removeAll(fixed);
        Map<String, String> wanted = new LinkedHashMap<>();
        fixed.forEach(endpoint -> wanted.put(endpoint, endpoint));
        Stream<String> there = found.keySet().stream().filter(lanes::containsKey);
        Stream<String> added = found.keySet().stream().filter(endpoint -> !lanes.containsKey(endpoint));
        Stream.concat(there, added)
                .limit(most - fixed.size())
                .forEach(endpoint -> wanted.put(endpoint, found.getOrDefault(endpoint, endpoint)));
        tellIfFull(wanted.size() < fixed.size() + found.size());
        return wanted;
    }

    private void tellIfFull(boolean now) {
        if (now && !full) {
            LOG.warnf(
                    "the names of wurstwerk.triton.endpoint lead to more than %d servers; the others are not used:"
                            + " raise wurstwerk.triton.lanes",
                    most);
        }
        full = now;
    }

    private void change(Map<String, String> wanted) {
        if (wanted.keySet().equals(lanes.keySet())) {
            return;
        }
        Map<String, Lane> next = new LinkedHashMap<>();
        List<Lane> added = new ArrayList<>();
        wanted.forEach((endpoint, authority) -> {
            Lane there = lanes.get(endpoint);
            if (there == null) {
                there = opening.lane(endpoint, authority);
                added.add(there);
            }
            next.put(endpoint, there);
        });
        List<Lane> removed = lanes.values().stream()
                .filter(lane -> !next.containsKey(lane.endpoint()))
                .toList();
        lanes = next;
        for (Lane lane : removed) {
            LOG.infof("model server %s is no longer one of the lanes", lane.endpoint());
            lane.leave();
            leaving.addLast(new Leaving(lane, clock.instant().plus(drain)));
        }
        for (Lane lane : added) {
            LOG.infof("model server %s is a lane from now on", lane.endpoint());
            watchers.forEach(lane::watch);
            atFirst.forEach(lane::onFirstConnection);
            if (started) {
                lane.start();
            }
        }
    }
}
