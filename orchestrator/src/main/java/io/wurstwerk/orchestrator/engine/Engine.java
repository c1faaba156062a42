package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one process: the partitions it owns, one line of waiting jobs over all of them, and the places where
 * images are worked on. Single-threaded: whoever calls {@link #handle} is the engine's thread.
 */
public final class Engine {
    /** Answers forgotten with one tick, so that forgetting never holds up the rest. */
    private static final int FORGOTTEN_AT_ONCE = 500;

    private final Ports ports;
    private final EngineSettings settings;
    private final Clock clock;
    private final EngineListener listener;
    private final ToDoubleFunction<Submission.Ordered> cost;
    private final Map<Integer, Owner> owners = new HashMap<>();
    private final Map<JobId, Home> homes = new HashMap<>();
    private final Map<JobId, JobState.Accepted> queued = new HashMap<>();
    /** Partitions that are assigned to this process and that it does not hold, and when it tries again. */
    private final Map<Integer, Instant> reopenings = new HashMap<>();
    /** Partitions that are assigned to this process and not open yet, and since when. */
    private final Map<Integer, Instant> takeovers = new HashMap<>();
    /** By partition, the attempts that ended with an ownership and not with the process: they were no crash. */
    private final Map<Integer, Map<JobId, Integer>> survived = new HashMap<>();

    private final TreeSet<Due> deadlines = new TreeSet<>(
            Comparator.comparing(Due::at).thenComparing(due -> due.job().value()));
    private final Backlog backlog;
    private final Lanes lanes;
    private final Places places;
    private JobState.@Nullable Accepted solo;
    private @Nullable String pipeline;
    private long epochs;

    private record Due(Instant at, JobId job) {}

    private record Home(Owner owner, Instant deadline) {}

    /**
     * @param cost predicted work of a request, in any unit
     * @param random spreads retries
     */
    public Engine(
            Ports ports,
            EngineSettings settings,
            Clock clock,
            RandomGenerator random,
            ToDoubleFunction<Submission.Ordered> cost,
            EngineListener listener) {
        this.ports = ports;
        this.settings = settings;
        this.clock = clock;
        this.listener = listener;
        this.cost = cost;
        this.backlog = new Backlog(settings.ageing());
        Backoff backoff = new Backoff(settings.firstRetry(), settings.longestRetry(), random);
        this.lanes = new Lanes(backoff, settings.longestRetry());
        this.places = new Places(ports, settings, lanes, new Circuit(backoff), clock, listener);
    }

    public void handle(Event event) {
        switch (event) {
            case Event.LaneReady(String lane, String models, int room) -> {
                lanes.ready(lane, models, room);
                choosePipeline();
            }
            case Event.LaneAway(String lane) -> {
                lanes.away(lane);
                choosePipeline();
            }
            case Event.LaneGone(String lane) -> {
                lanes.gone(lane);
                choosePipeline();
            }
            case Event.Assigned(int partition) -> assigned(partition);
            case Event.Lost(int partition) -> {
                reopenings.remove(partition);
                takeovers.remove(partition);
                drop(partition);
            }
            case Event.Released(int partition) -> release(partition);
            case Event.Opened opened ->
                owner(opened.partition(), opened.epoch()).ifPresent(o -> open(o, opened));
            case Event.OpenFailed(int partition, long epoch) ->
                owner(partition, epoch).ifPresent(o -> reopenLater(partition));
            case Event.Closed(int partition, long epoch) ->
                owner(partition, epoch).ifPresent(o -> drop(partition));
            case Event.Committed(int partition, long epoch, long transaction) ->
                owner(partition, epoch).ifPresent(o -> o.committed(transaction));
            case Event.CommitFailed failed ->
                owner(failed.partition(), failed.epoch()).ifPresent(o -> commitFailed(o, failed));
            case Event.Submitted submitted ->
                owner(submitted.partition(), submitted.epoch()).ifPresent(o -> o.submitted(submitted));
            case Event.Unintelligible record ->
                owner(record.partition(), record.epoch()).ifPresent(o -> o.unintelligible(record));
            case Event.CancelAsked asked ->
                owner(asked.partition(), asked.epoch()).ifPresent(o -> o.cancelAsked(asked));
            case Event.Loaded loaded ->
                owner(loaded.partition(), loaded.epoch()).ifPresent(o -> loaded(o, loaded));
            case Event.Stepped(ImageId image, Canvas canvas) -> places.stepped(image, canvas);
            case Event.Drawn(ImageId image, Picture picture) -> places.drawn(image, picture);
            case Event.Kept(ImageId image, StoredObject object) -> places.kept(image, object);
            case Event.Refused(ImageId image, Event.Refusal refusal) -> places.refused(image, refusal);
            case Event.Tick _ -> tick();
        }
        expireDue();
        dispatch();
    }

    /** Jobs that owe an answer here. */
    public int openJobs() {
        return owners.values().stream().mapToInt(Owner::openJobs).sum();
    }

    /** Answered jobs that are remembered here. */
    public int answers() {
        return owners.values().stream().mapToInt(Owner::answers).sum();
    }

    /** Jobs that have been lost from sight: accepted = answered + open holds at any time, so this is zero. */
    public long unaccounted() {
        return owners.values().stream().mapToLong(Owner::unaccounted).sum();
    }

    public int queuedJobs() {
        return backlog.size();
    }

    /** Predicted cost of the jobs in line. */
    public double queuedCost() {
        return backlog.cost();
    }

    /** Since when the oldest job of a priority has been waiting in line. */
    public Optional<Instant> oldestQueued(Priority priority) {
        return backlog.oldest(priority);
    }

    public Optional<Instant> oldestQueued() {
        return backlog.oldest();
    }

    public int activeImages() {
        return places.active();
    }

    public List<LaneStatus> lanes() {
        return lanes.status(clock.instant());
    }

    /** The circuit in front of the store. */
    public CircuitState store() {
        return places.store(clock.instant());
    }

    /** Whether this process owns no partition any more. */
    public boolean atRest() {
        return owners.isEmpty();
    }

    // ---- ownership

    private void choosePipeline() {
        lanes.choice(clock.instant()).ifPresent(this::drawWith);
        lanes.newlyAside().forEach((lane, models) -> listener.setAside(lane, models, Objects.requireNonNull(pipeline)));
    }

    /** Whatever other models have begun starts anew: the owners read their logs again, with the new models' eyes. */
    private void drawWith(String models) {
        if (models.equals(pipeline)) {
            return;
        }
        pipeline = models;
        Set<Integer> held = new TreeSet<>(owners.keySet());
        held.addAll(reopenings.keySet());
        held.forEach(this::drop);
        lanes.drawWith(models);
        places.drawWith(models);
        listener.drawsWith(models);
        held.forEach(this::own);
    }

    private void assigned(int partition) {
        takeovers.put(partition, clock.instant());
        if (pipeline == null) {
            reopenings.put(partition, Instant.MAX);
        } else {
            own(partition);
        }
    }

    private void own(int partition) {
        reopenings.remove(partition);
        takeovers.putIfAbsent(partition, clock.instant());
        drop(partition);
        Owner owner = new Owner(partition, ++epochs, ports, settings, new FloorOfOwner());
        owners.put(partition, owner);
        ports.log().open(partition, owner.epoch());
    }

    private void open(Owner owner, Event.Opened opened) {
        Map<JobId, Integer> attempts = survived.getOrDefault(opened.partition(), Map.of());
        attempts.entrySet().removeIf(one -> !isOpen(opened.journal().open().get(one.getKey()), one.getValue()));
        owner.open(opened, Objects.requireNonNull(pipeline), Map.copyOf(attempts));
        Instant now = clock.instant();
        Instant since = Objects.requireNonNullElse(takeovers.remove(opened.partition()), now);
        listener.takenOver(opened.partition(), Duration.between(since, now), owner.openJobs(), owner.answers());
    }

    private static boolean isOpen(JobState.@Nullable Open state, int attempt) {
        return state != null && state.attempts().started() == attempt;
    }

    private void drop(int partition) {
        Owner owner = owners.remove(partition);
        if (owner == null) {
            return;
        }
        survived.computeIfAbsent(partition, p -> new HashMap<>()).putAll(places.abandon(owner));
        listener.left(partition);
        List<JobId> left = homes.entrySet().stream()
                .filter(home -> home.getValue().owner() == owner)
                .map(Map.Entry::getKey)
                .toList();
        left.forEach(this::forget);
    }

    private void release(int partition) {
        Owner owner = owners.get(partition);
        if (owner != null && !owner.releasing()) {
            owner.release(places.pause(owner));
        } else if (owner == null) {
            reopenings.remove(partition);
            takeovers.remove(partition);
            // An epoch of its own, so that nothing else can be meant by it.
            ports.log().close(partition, ++epochs);
        }
    }

    private void commitFailed(Owner owner, Event.CommitFailed failed) {
        if (owner.releasing()) {
            // The next owner reads what became of it.
            ports.log().close(failed.partition(), failed.epoch());
        } else if (failed.fenced()) {
            // Another process owns the partition, and the group is about to say so; or one that has not noticed its
            // loss fenced this one by mistake. Coming back at once would only fence the other in turn.
            reopenLater(failed.partition());
        } else {
            // Written or not: only the log knows. A new ownership fences the old transaction and reads what it left.
            own(failed.partition());
        }
    }

    private void reopenLater(int partition) {
        drop(partition);
        reopenings.put(partition, clock.instant().plus(settings.longestRetry()));
    }

    private Optional<Owner> owner(int partition, long epoch) {
        return Optional.ofNullable(owners.get(partition)).filter(owner -> owner.epoch() == epoch);
    }

    // ---- jobs

    private void loaded(Owner owner, Event.Loaded loaded) {
        if (!owner.loaded(loaded.job(), loaded.submission())) {
            places.loaded(owner, loaded.job(), loaded.submission());
        }
    }

    private void dispatch() {
        Instant now = clock.instant();
        places.proceed(now);
        while (places.takesJobs()) {
            if (solo == null) {
                solo = backlog.next(now).map(entry -> queued.remove(entry.id())).orElse(null);
            }
            // A job that may be what kills processes waits until the others are done, and they wait for it.
            if (solo == null || (solo.attempts().suspicious() && places.busy())) {
                return;
            }
            JobState.Accepted job = solo;
            solo = null;
            Owner owner = Objects.requireNonNull(homes.get(job.job().id())).owner();
            if (!owner.releasing()) {
                places.start(owner, job, now);
                places.proceed(now);
            }
        }
    }

    /** With every event, so that no job is begun after its deadline. */
    private void expireDue() {
        Instant now = clock.instant();
        while (!deadlines.isEmpty() && !deadlines.first().at().isAfter(now)) {
            JobId job = deadlines.pollFirst().job();
            Home home = homes.get(job);
            if (home != null && !home.owner().releasing()) {
                home.owner().expire(job, now);
            }
        }
    }

    private void tick() {
        Instant now = clock.instant();
        lanes.forgetGone();
        choosePipeline();
        reopenings.entrySet().stream()
                .filter(reopening -> !reopening.getValue().isAfter(now))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::own);
        for (Owner owner : owners.values()) {
            owner.forget(now.minus(settings.retention()), FORGOTTEN_AT_ONCE);
            owner.throttle();
        }
    }

    private void forget(JobId job) {
        Home home = homes.remove(job);
        if (home != null) {
            deadlines.remove(new Due(home.deadline(), job));
        }
        backlog.remove(job);
        queued.remove(job);
        if (solo != null && solo.job().id().equals(job)) {
            solo = null;
        }
        places.drop(job);
    }

    private final class FloorOfOwner implements Owner.Floor {
        @Override
        public Instant now() {
            return clock.instant();
        }

        @Override
        public int openJobs() {
            return Engine.this.openJobs();
        }

        @Override
        public void queue(Owner owner, JobState.Accepted job) {
            JobEntry entry = job.job();
            homes.put(entry.id(), new Home(owner, entry.deadline()));
            queued.put(entry.id(), job);
            deadlines.add(new Due(entry.deadline(), entry.id()));
            backlog.add(entry);
        }

        @Override
        public void withdraw(Owner owner, JobId job) {
            // Until the answer is durable the job may come back to be answered again, and its attempt was no crash.
            places.attempt(job)
                    .ifPresent(attempt -> survived.computeIfAbsent(owner.partition(), p -> new HashMap<>())
                            .put(job, attempt));
            forget(job);
        }

        @Override
        public void answered(Owner owner, JobState.Terminal answer, Duration took) {
            survived.getOrDefault(owner.partition(), new HashMap<>()).remove(answer.id());
            listener.answered(answer, took);
        }

        @Override
        public double cost(Submission.Ordered submission) {
            return cost.applyAsDouble(submission);
        }

        @Override
        public EngineListener listener() {
            return listener;
        }
    }
}
