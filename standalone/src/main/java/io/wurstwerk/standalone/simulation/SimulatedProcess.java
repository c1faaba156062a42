package io.wurstwerk.standalone.simulation;

import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.Checkpoint;
import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.EngineListener;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.engine.Picture;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.engine.StoredObject;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.job.Timings;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One life of a process: a real engine whose every order goes to the simulated world. */
final class SimulatedProcess implements Ports, Ports.Log, Ports.Studio, Ports.Gallery, EngineListener {
    private static final String AWAY = "away";
    private static final String GONE = "gone";

    private final World world;
    private final String name;
    /** What it was told of each lane last: the models' version, or that it is away. */
    private final Map<String, String> told = new HashMap<>();
    /** The lane of every call that it waits for. */
    private final Map<ImageId, String> underWay = new HashMap<>();

    private final Engine engine;
    private final Queue<Event> stalled = new ArrayDeque<>();
    /** The fence that this process holds for each ownership. */
    private final Map<Long, Long> holders = new HashMap<>();

    /** The ownership of each partition to which submissions and commands are delivered. */
    private final Map<Integer, Long> delivering = new HashMap<>();

    /** The sound checkpoints that each ownership found when it opened. */
    private final Map<Long, List<Checkpoint>> found = new HashMap<>();
    /** Images whose finished latents an ownership has begun with or sent off. */
    private final Set<Finished> finished = new HashSet<>();

    private final Set<Integer> held = new HashSet<>();
    /** Jobs whose cancel the engine has heard of. */
    private final Set<Regret> regretted = new HashSet<>();

    private String pipeline = "";
    private boolean dead;
    private boolean stopped;

    private record Regret(long epoch, JobId job) {}

    private record Finished(long epoch, JobId job, int image) {}

    SimulatedProcess(World world, String name, Random random) {
        this.world = world;
        this.name = name;
        this.engine = new Engine(
                this, World.SETTINGS, world.time(), random, s -> s.order().images(), this);
    }

    /** Looks at the lanes, now and as long as it lives. */
    void watch() {
        for (SimulatedLane lane : world.lanes()) {
            String serves = !lane.listed()
                    ? GONE
                    : !lane.alive()
                            ? AWAY
                            : world.mutation() == Mutation.FOREIGN_CHECKPOINTS ? "same" : Long.toString(lane.version());
            if (!serves.equals(told.put(lane.name(), serves))) {
                post(
                        switch (serves) {
                            case GONE -> new Event.LaneGone(lane.name());
                            case AWAY -> new Event.LaneAway(lane.name());
                            default -> new Event.LaneReady(lane.name(), serves, World.ROOM);
                        });
            }
        }
        if (!dead) {
            world.time().in(500, this::watch);
        }
    }

    String name() {
        return name;
    }

    boolean dead() {
        return dead;
    }

    /** kill -9: nothing is heard of it again, but what it has sent may still arrive. */
    void kill() {
        dead = true;
    }

    /** SIGSTOP: the world goes on without it. */
    void stop() {
        stopped = true;
    }

    /** SIGCONT: it goes on as if no time had passed. */
    void carryOn() {
        stopped = false;
        while (!stalled.isEmpty() && !dead && !stopped) {
            take(stalled.remove());
        }
    }

    void post(Event event) {
        if (dead) {
            return;
        }
        if (stopped) {
            stalled.add(event);
        } else {
            take(event);
        }
    }

    private void take(Event event) {
        switch (event) {
            case Event.Stepped(ImageId image, Canvas _) -> underWay.remove(image);
            case Event.Drawn(ImageId image, Picture _) -> underWay.remove(image);
            case Event.Refused(ImageId image, Refusal _) -> underWay.remove(image);
            default -> {}
        }
        if (event instanceof Event.Lost(int partition)) {
            delivering.remove(partition);
        }
        if (event instanceof Event.CancelAsked cancel) {
            regretted.add(new Regret(cancel.epoch(), cancel.job()));
            if (world.mutation() == Mutation.CANCEL_AT_JOB_END) {
                return;
            }
        }
        engine.handle(event);
        if (engine.unaccounted() != 0) {
            throw new Broken("I13", name + " has lost sight of " + engine.unaccounted() + " jobs at " + event);
        }
        if (engine.activeImages() > World.SETTINGS.slots()) {
            throw new Broken("I7", name + " works on " + engine.activeImages() + " images at once");
        }
    }

    private void later(Event event) {
        world.time().in(world.latency(), () -> post(event));
    }

    @Override
    public Log log() {
        return this;
    }

    @Override
    public Studio studio() {
        return this;
    }

    @Override
    public Gallery gallery() {
        return this;
    }

    // ---- log

    @Override
    public void open(int partition, long epoch) {
        world.time().in(world.latency(), () -> {
            SimulatedLog log = world.log(partition);
            holders.put(epoch, log.fence());
            found.put(
                    epoch,
                    log.checkpoints.stream()
                            .flatMap(raw -> Checkpoint.decode(raw.key(), raw.value()).stream())
                            .toList());
            boolean newest = delivering.getOrDefault(partition, 0L) < epoch;
            if (newest) {
                delivering.put(partition, epoch);
                held.remove(partition);
            }
            post(new Event.Opened(partition, epoch, log.replayedJournal(), List.copyOf(log.checkpoints)));
            if (!newest) {
                // An ownership that was given up while it opened speaks after the one that followed it.
                return;
            }
            long from = log.committedPosition;
            world.time().in(world.latency(), () -> deliver(partition, epoch, from));
            world.time().in(world.latency(), () -> command(partition, epoch, 0));
        });
    }

    /** Delivers submission after submission, in order, for as long as the ownership lasts. */
    private void deliver(int partition, long epoch, long offset) {
        if (over(partition, epoch)) {
            return;
        }
        SimulatedLog log = world.log(partition);
        long next = offset;
        if (offset < log.submissions.size() && !held.contains(partition)) {
            SimulatedLog.Written written = log.submissions.get((int) offset);
            if (world.mutation() == Mutation.OFFSET_BEFORE_JOURNAL) {
                log.committedPosition = Math.max(log.committedPosition, offset + 1);
            }
            post(new Event.Submitted(partition, epoch, offset, written.at(), seen(written.submission())));
            next++;
        }
        long then = next;
        world.time().in(next == offset ? 50 : 1 + world.latency() / 10, () -> deliver(partition, epoch, then));
    }

    private Submission seen(Submission written) {
        return world.mutation() == Mutation.FIRST_COME_FIRST_SERVED && written instanceof Submission.Ordered ordered
                ? new Submission.Ordered(
                        ordered.job(),
                        new Origin(
                                "everyone",
                                ordered.origin().source(),
                                ordered.origin().id()),
                        ordered.body(),
                        ordered.submittedAt(),
                        ordered.order(),
                        ordered.priority(),
                        ordered.deadline())
                : written;
    }

    private boolean over(int partition, long epoch) {
        return dead || !Long.valueOf(epoch).equals(delivering.get(partition));
    }

    private void command(int partition, long epoch, int offset) {
        if (over(partition, epoch)) {
            return;
        }
        SimulatedLog log = world.log(partition);
        int next = offset;
        if (offset < log.commands.size()) {
            SimulatedLog.Cancel cancel = log.commands.get(offset);
            post(new Event.CancelAsked(partition, epoch, cancel.job(), cancel.at()));
            next++;
        }
        int then = next;
        world.time().in(next == offset ? 100 : 5, () -> command(partition, epoch, then));
    }

    @Override
    public void commit(int partition, long epoch, long transaction, List<Entry> entries) {
        World.Commit fate = world.commitFate();
        world.time().in(world.latency(), () -> arrive(partition, epoch, transaction, entries, fate));
    }

    private void arrive(int partition, long epoch, long transaction, List<Entry> entries, World.Commit fate) {
        SimulatedLog log = world.log(partition);
        if (log.fenced(holders.getOrDefault(epoch, -1L))) {
            later(new Event.CommitFailed(partition, epoch, transaction, true));
            return;
        }
        if (fate != World.Commit.LOST) {
            log.apply(entries);
        }
        if (fate == World.Commit.APPLIED) {
            later(new Event.Committed(partition, epoch, transaction));
        } else if (world.mutation() == Mutation.BLIND_SECOND_COMMIT) {
            world.time()
                    .in(world.latency(), () -> arrive(partition, epoch, transaction, entries, World.Commit.APPLIED));
        } else {
            later(new Event.CommitFailed(partition, epoch, transaction, false));
        }
    }

    @Override
    public void commitPosition(int partition, long epoch, long nextOffset) {
        world.time().in(world.latency(), () -> {
            SimulatedLog log = world.log(partition);
            if (!log.fenced(holders.getOrDefault(epoch, -1L))) {
                log.committedPosition = nextOffset;
            }
        });
    }

    @Override
    public void checkpoint(int partition, long epoch, String key, byte @Nullable [] value) {
        Optional<Checkpoint> decoded = value == null ? Optional.empty() : Checkpoint.decode(key, value);
        if (decoded.isPresent() && finished(decoded.get())) {
            if (world.mutation() == Mutation.NO_CHECKPOINT_BEFORE_THE_DECODE) {
                return;
            }
            finished.add(new Finished(epoch, decoded.get().job(), decoded.get().image()));
        }
        byte[] written = world.perhapsDamaged(value);
        if (!world.losesCheckpoint()) {
            // Outside transactions: nothing fences it, and it may come very late.
            world.time()
                    .in(world.checkpointLatency(), () -> world.log(partition).checkpoint(key, written));
        }
    }

    @Override
    public void load(int partition, long epoch, JobId job, long offset) {
        Submission submission =
                world.log(partition).submissions.get((int) offset).submission();
        later(new Event.Loaded(partition, epoch, job, submission));
    }

    @Override
    public void read(int partition, long epoch, boolean on) {
        if (on) {
            held.remove(partition);
        } else {
            held.add(partition);
        }
    }

    @Override
    public void close(int partition, long epoch) {
        delivering.remove(partition, epoch);
        later(new Event.Closed(partition, epoch));
        world.time().in(1, () -> world.closed(this, partition));
    }

    // ---- models

    @Override
    public void begin(ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from) {
        requireDurableStart(image);
        requireWanted(image);
        world.begun(image);
        int steps = order.priorSchedule().steps();
        long version = world.lane(lane).version();
        if (from.isPresent() && from.get().nextStep() == steps) {
            finished.add(new Finished(image.epoch(), image.job(), image.index()));
            world.countResumedDecode();
        }
        Chain chain = from.map(latents -> Chain.resume(version, latents.state(), latents.nextStep(), steps))
                .orElseGet(() -> Chain.begin(version, order.seed() + image.index(), steps));
        call(image, lane, chain.version(), order.prompt(), () -> new Event.Stepped(image, chain));
    }

    @Override
    public void step(ImageId image, String lane, Canvas canvas) {
        ImageOrder order = world.order(image.job());
        Chain next = ((Chain) canvas).step();
        requireWanted(image);
        requireFinishedOnce(image, next);
        world.stepped(image);
        call(image, lane, next.version(), order.prompt(), () -> {
            if (!next.done(order.decoderSchedule().steps())) {
                return new Event.Stepped(image, next);
            }
            Timings none = new Timings(
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO);
            return new Event.Drawn(
                    image,
                    new Picture(next.picture(), order.output().format(), order.seed() + image.index(), false, none));
        });
    }

    /** One call of a model. */
    private void call(ImageId image, String name, long version, String prompt, Supplier<Event> good) {
        underWay.put(image, name);
        if (underWay.values().stream().filter(name::equals).count() > World.ROOM) {
            throw new Broken("I7", this.name + " has more calls on " + name + " than it has room there");
        }
        long latency = world.stepLatency();
        if (prompt.equals(World.POISON)) {
            world.time().in(latency, () -> {
                if (!dead && !stopped) {
                    world.crash(this);
                }
            });
            return;
        }
        SimulatedLane lane = world.lane(name);
        boolean foreign = lane.version() != version && world.mutation() != Mutation.FOREIGN_CHECKPOINTS;
        if (!lane.alive() || foreign) {
            later(new Event.Refused(image, new Refusal.Outage(Dependency.TRITON)));
            return;
        }
        Refusal refusal = world.modelFate(image, prompt);
        SimulatedLane.Call call = crashed ->
                later(new Event.Refused(image, crashed ? new Refusal.Crash() : new Refusal.Outage(Dependency.TRITON)));
        lane.take(call);
        world.time().in(latency, () -> {
            if (prompt.equals(World.KILLER) && lane.end(call)) {
                lane.take(call);
                world.crash(lane);
            } else if (lane.end(call)) {
                post(refusal == null ? good.get() : new Event.Refused(image, refusal));
                if (world.duplicatesAnswer()) {
                    later(refusal == null ? good.get() : new Event.Refused(image, refusal));
                }
            }
        });
    }

    private void requireDurableStart(ImageId image) {
        JournalEntry entry = world.log(image.partition()).journal.get(image.job());
        boolean ours = !world.log(image.partition()).fenced(holders.getOrDefault(image.epoch(), -1L));
        if (ours
                && !(entry instanceof JournalEntry.Open(JobState.Open state)
                        && state.attempts().started() >= image.attempt())) {
            throw new Broken(
                    "start",
                    "a model is called for job " + image.job() + " before attempt " + image.attempt()
                            + " is in the journal");
        }
    }

    /** Nobody draws again what Stage C had finished before, and nobody decodes before that is on its way to the log. */
    private void requireFinishedOnce(ImageId image, Chain next) {
        boolean decodes = next.stageB() > 0;
        if (decodes && !finished.contains(new Finished(image.epoch(), image.job(), image.index()))) {
            throw new Broken(
                    "I14",
                    "image " + image.index() + " of job " + image.job()
                            + " is decoded, and no checkpoint holds what Stage C has finished");
        }
        if (!decodes && foundFinished(image)) {
            throw new Broken(
                    "I14",
                    "step " + next.stageCSteps() + " of Stage C is drawn again for image " + image.index() + " of job "
                            + image.job() + ", whose finished latents were in the log");
        }
    }

    /** Whether the ownership found the image's finished latents when it opened, and nothing less by a later attempt. */
    private boolean foundFinished(ImageId image) {
        List<Checkpoint> mine = found.getOrDefault(image.epoch(), List.of()).stream()
                .filter(one -> one.job().equals(image.job()) && one.image() == image.index())
                .filter(one -> one.pipeline().equals(pipeline))
                .toList();
        return mine.stream()
                .filter(this::finished)
                .anyMatch(one -> mine.stream().noneMatch(later -> later.attempt() > one.attempt() && !finished(later)));
    }

    private boolean finished(Checkpoint checkpoint) {
        return checkpoint.content().progress()
                >= world.order(checkpoint.job()).priorSchedule().steps();
    }

    private void requireWanted(ImageId image) {
        if (regretted.contains(new Regret(image.epoch(), image.job()))) {
            throw new Broken("I9", "a step of job " + image.job() + " begins after its cancel was heard of");
        }
    }

    @Override
    public void abandon(ImageId image) {
        // Calls under way cannot be taken back; their answers come too late.
        underWay.remove(image);
    }

    // ---- store

    @Override
    public void keep(ImageId image, String tenant, Picture picture) {
        String sha = Long.toHexString(ByteBuffer.wrap(picture.file()).getLong());
        String key = image.job() + "/" + image.index() + "-" + sha;
        World.Put fate = world.putFate();
        world.time().in(world.latency(), () -> {
            if (fate != World.Put.REFUSED) {
                world.objects().put(key, picture.file());
            }
            Event event = fate == World.Put.APPLIED
                    ? new Event.Kept(
                            image,
                            new StoredObject(key, sha, picture.file().length, picture.seed(), false, picture.spent()))
                    : new Event.Refused(image, new Refusal.Outage(Dependency.STORE));
            later(event);
        });
    }

    @Override
    public StoredImage sign(int index, StoredObject object) {
        return new StoredImage(
                index,
                object.seed(),
                "bucket",
                object.key(),
                object.sha256(),
                object.size(),
                "image/png",
                URI.create("sim:/" + object.key()),
                world.time().instant());
    }

    // ---- listener

    @Override
    public void started(int partition, JobState.Running running) {}

    @Override
    public void left(int partition) {}

    @Override
    public void accepted() {}

    @Override
    public void duplicate() {}

    @Override
    public void unintelligible(int partition, long offset) {}

    @Override
    public void drawn(double predicted, int steps, Drawing drawing) {}

    @Override
    public void answered(JobState.Terminal state, Duration took) {}

    @Override
    public void takenOver(int partition, Duration took, int openJobs, int answers) {}

    @Override
    public void answersFull(int partition, int answers) {}

    @Override
    public void stepped(ImageId image, Canvas canvas) {}

    @Override
    public void resumed(ImageId image, int fromStep) {
        world.countResume();
    }

    @Override
    public void stored(ImageId image) {}

    @Override
    public void away(Dependency dependency) {}

    @Override
    public void drawsWith(String models) {
        pipeline = models;
    }

    @Override
    public void setAside(String lane, String pipeline, String drawing) {}

    @Override
    public void laneCrashed(String lane, JobId job) {}
}
