package io.wurstwerk.standalone.simulation;

import io.wurstwerk.orchestrator.engine.EngineSettings;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Submission;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Everything around the engines of one seed: topics, store, models, the group, users, and what goes wrong. */
final class World {
    static final EngineSettings SETTINGS = new EngineSettings(
            3,
            1_000,
            3,
            Duration.ofMinutes(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofDays(14),
            1_000,
            1_000);
    /** Kills the process that draws it. */
    static final String POISON = "poison";
    /** Kills the model server that draws it. */
    static final String KILLER = "killer";
    /** Calls that a process may have under way on one lane. */
    static final int ROOM = 2;

    private static final String CURSED = "cursed";
    static final int PARTITIONS = 3;
    static final long LONGEST_CALM_STEP = 150;
    private static final int PROCESSES = 2;
    private static final int JOBS = 50;
    private static final long FAULTY = 120_000;
    private static final long SESSION = 10_000;
    /** After the last fault; what was planned before may still happen until then. */
    private static final long CALM = FAULTY + 45_000;

    private static final long HANDOVER = 5_000;
    private static final long LIMIT = Duration.ofMinutes(60).toMillis();

    enum Commit {
        APPLIED,
        /** Written, but nobody hears of it. */
        SILENT,
        LOST
    }

    enum Put {
        APPLIED,
        SILENT,
        REFUSED
    }

    private final VirtualTime time = new VirtualTime();
    private final Random random;
    private final Random names;
    private final Mutation mutation;
    private final List<SimulatedLog> logs = new ArrayList<>();
    private final List<SimulatedLane> lanes = List.of(new SimulatedLane("one", 1), new SimulatedLane("two", 1));
    private final SimulatedProcess[] processes = new SimulatedProcess[PROCESSES];
    private final @Nullable SimulatedProcess[] owners = new SimulatedProcess[PARTITIONS];
    private final @Nullable SimulatedProcess[] releasing = new SimulatedProcess[PARTITIONS];
    /** Members that stood still while they lost partitions, and have not heard of it. */
    private final Map<SimulatedProcess, Set<Integer>> unaware = new HashMap<>();

    private final Map<String, byte[]> objects = new HashMap<>();
    private final Map<JobId, ImageOrder> orders = new HashMap<>();
    private final Map<JobId, Integer> partitions = new HashMap<>();
    private final Set<JobId> expected = new HashSet<>();
    private final Calm calm = new Calm(this);
    private boolean faulty = true;
    private boolean modelsAway;
    private boolean storeAway;
    private long version = 1;
    private long steps;
    private long resumes;
    private long resumedDecodes;
    private long kills;
    private long laneCrashes;

    /** What a seed showed. */
    record Result(int jobs, long kills, long laneCrashes, long resumes, long resumedDecodes, long steps, long needed) {}

    World(long seed, Mutation mutation) {
        this.random = new Random(seed);
        this.names = new Random(~seed);
        this.mutation = mutation;
        for (int p = 0; p < PARTITIONS; p++) {
            logs.add(new SimulatedLog(p, mutation, this::visible));
        }
    }

    /** @throws Broken when an invariant does not hold */
    Result run() {
        for (int i = 0; i < PROCESSES; i++) {
            processes[i] = born(i);
        }
        for (int p = 0; p < PARTITIONS; p++) {
            assign(p, processes[p % PROCESSES]);
        }
        for (int j = 0; j < JOBS; j++) {
            int number = j;
            time.in(random.nextInt((int) FAULTY), () -> submit(number));
        }
        planFaults();
        time.in(FAULTY, this::heal);
        time.in(100, this::tick);
        proceed(() -> time.millis0() > CALM && drained());
        Result result = new Result(expected.size(), kills, laneCrashes, resumes, resumedDecodes, steps, needed());
        calm.begin();
        proceed(calm::over);
        return result;
    }

    private void proceed(BooleanSupplier until) {
        while (!until.getAsBoolean()) {
            if (time.millis0() > LIMIT) {
                throw new Broken(
                        "I1",
                        unanswered().size() + " jobs have no answer after " + LIMIT / 60_000
                                + " minutes without faults: " + unanswered());
            }
            if (!time.step()) {
                throw new Broken("I1", "nothing happens any more and jobs have no answer: " + unanswered());
            }
        }
    }

    VirtualTime time() {
        return time;
    }

    Mutation mutation() {
        return mutation;
    }

    SimulatedLog log(int partition) {
        return logs.get(partition);
    }

    List<SimulatedLane> lanes() {
        return lanes;
    }

    SimulatedLane lane(String name) {
        return lanes.stream()
                .filter(lane -> lane.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    Map<String, byte[]> objects() {
        return objects;
    }

    ImageOrder order(JobId job) {
        return Objects.requireNonNull(orders.get(job));
    }

    void begun(ImageId image) {
        calm.begun(image);
    }

    void stepped(ImageId image) {
        steps++;
        calm.stepped(image);
    }

    void countResume() {
        resumes++;
    }

    void countResumedDecode() {
        resumedDecodes++;
    }

    // ---- chances

    long latency() {
        return 1L + random.nextInt(faulty && random.nextInt(50) == 0 ? 3_000 : 20);
    }

    long stepLatency() {
        return 50L + random.nextInt(faulty && random.nextInt(200) == 0 ? 30_000 : (int) LONGEST_CALM_STEP - 50);
    }

    long checkpointLatency() {
        return 1L + random.nextInt(faulty && random.nextInt(10) == 0 ? 20_000 : 30);
    }

    Commit commitFate() {
        int chance = faulty ? random.nextInt(100) : 99;
        return chance < 2 ? Commit.LOST : chance < 4 ? Commit.SILENT : Commit.APPLIED;
    }

    Put putFate() {
        int chance = faulty ? random.nextInt(100) : 99;
        return storeAway || chance < 3 ? Put.REFUSED : chance < 6 ? Put.SILENT : Put.APPLIED;
    }

    @Nullable
    Refusal modelFate(ImageId image, String prompt) {
        if (prompt.equals(CURSED)) {
            return new Refusal.NonFinite("not finite");
        }
        int chance = faulty ? random.nextInt(300) : 299;
        if (modelsAway || chance < 1) {
            return new Refusal.Outage(Dependency.TRITON);
        }
        return chance < 2 ? new Refusal.ModelError("a model error of image " + image.index()) : null;
    }

    boolean losesCheckpoint() {
        return faulty && random.nextInt(20) == 0;
    }

    boolean duplicatesAnswer() {
        return faulty && random.nextInt(50) == 0;
    }

    byte @Nullable [] perhapsDamaged(byte @Nullable [] value) {
        if (value == null || !faulty || random.nextInt(25) != 0) {
            return value;
        }
        byte[] damaged = Arrays.copyOf(value, random.nextBoolean() ? value.length : random.nextInt(value.length));
        if (damaged.length > 0) {
            damaged[random.nextInt(damaged.length)] ^= 1;
        }
        return damaged;
    }

    // ---- users

    private void submit(int number) {
        int kind = random.nextInt(100);
        Origin origin = new Origin("tenant" + random.nextInt(3), "/simulation", "job" + number);
        JobId job = JobId.of(origin);
        String prompt = kind < 3 ? POISON : kind < 5 ? CURSED : kind == 99 ? KILLER : "good";
        int images = random.nextInt(4) == 0 ? 4 : 1;
        Duration patience = kind < 15 ? Duration.ofSeconds(1 + random.nextInt(20)) : Duration.ofHours(24);
        ImageOrder order = order(prompt, number, images);
        orders.put(job, order);
        int partition = Math.floorMod(job.hashCode(), PARTITIONS);
        partitions.put(job, partition);
        expected.add(job);
        Priority priority = List.of(Priority.values()).get(random.nextInt(3));
        Instant now = time.instant();
        Submission submission = kind < 18 && kind >= 15
                ? new Submission.Refused(job, origin, body("a"), now, Rejection.unreadable("not a request"))
                : new Submission.Ordered(job, origin, body("a"), now, order, priority, now.plus(patience));
        append(partition, submission);
        if (random.nextInt(5) == 0) {
            time.in(random.nextInt(30_000), () -> append(partition, submission));
        }
        if (random.nextInt(10) == 0) {
            expected.add(job.conflictWith(body("b")));
            partitions.put(job.conflictWith(body("b")), partition);
            Submission other = new Submission.Ordered(job, origin, body("b"), now, order, priority, now.plus(patience));
            time.in(1 + random.nextInt(30_000), () -> append(partition, other));
        }
        if (random.nextInt(8) == 0) {
            time.in(random.nextInt(15_000), () -> cancel(partition, job));
        }
    }

    /** An honest wish for one picture, when the faults are over. */
    JobId wish(String tenant, int number, int partition, Priority priority) {
        Origin origin = new Origin(tenant, "/calm", "job" + number);
        JobId job = JobId.of(origin);
        ImageOrder order = order("good", number, 1);
        orders.put(job, order);
        partitions.put(job, partition);
        expected.add(job);
        Instant now = time.instant();
        append(
                partition,
                new Submission.Ordered(job, origin, body("a"), now, order, priority, now.plus(Duration.ofHours(24))));
        return job;
    }

    void cancel(int partition, JobId job) {
        log(partition).commands.add(new SimulatedLog.Cancel(job, time.instant()));
    }

    private static ImageOrder order(String prompt, int number, int images) {
        return new ImageOrder(
                prompt,
                null,
                256,
                256,
                "interpolated",
                new Schedule.Linear(8),
                4,
                new Schedule.Linear(3),
                0,
                number,
                images);
    }

    private void append(int partition, Submission submission) {
        log(partition).submissions.add(new SimulatedLog.Written(submission, time.instant()));
    }

    private static BodyHash body(String text) {
        return BodyHash.of(text.getBytes(StandardCharsets.UTF_8));
    }

    // ---- the group

    private SimulatedProcess born(int index) {
        SimulatedProcess process = new SimulatedProcess(this, "process " + index, new Random(random.nextLong()));
        time.in(latency(), process::watch);
        return process;
    }

    private void assign(int partition, SimulatedProcess process) {
        tellLost(partition, process);
        owners[partition] = process;
        process.post(new Event.Assigned(partition));
    }

    /** A member hears of a loss before it hears of anything else about the partition. */
    private void tellLost(int partition, SimulatedProcess process) {
        Set<Integer> losses = unaware.get(process);
        if (losses != null && losses.remove(partition)) {
            process.post(new Event.Lost(partition));
        }
    }

    /** Asks the present owner to let go, and does not wait for it for ever. */
    private void move(int partition, SimulatedProcess to) {
        SimulatedProcess from = owners[partition];
        if (from == null || from == to || releasing[partition] != null) {
            return;
        }
        releasing[partition] = to;
        from.post(new Event.Released(partition));
        time.in(HANDOVER, () -> {
            if (releasing[partition] == to && owners[partition] == from) {
                from.post(new Event.Lost(partition));
                handOver(partition, to);
            }
        });
    }

    void closed(SimulatedProcess from, int partition) {
        SimulatedProcess to = releasing[partition];
        if (owners[partition] == from && to != null) {
            handOver(partition, to);
        }
    }

    private void handOver(int partition, SimulatedProcess to) {
        releasing[partition] = null;
        assign(partition, to.dead() ? living() : to);
    }

    private SimulatedProcess living() {
        return Arrays.stream(processes).filter(p -> !p.dead()).findFirst().orElse(processes[0]);
    }

    void crash(SimulatedProcess process) {
        kills++;
        process.kill();
        int index = Arrays.asList(processes).indexOf(process);
        if (index < 0) {
            return;
        }
        time.in(1_000 + random.nextInt(5_000), () -> {
            processes[index] = born(index);
            // Static membership: a process that is back in time takes its partitions back.
            for (int p = 0; p < PARTITIONS; p++) {
                if (owners[p] == process) {
                    releasing[p] = null;
                    assign(p, processes[index]);
                }
            }
        });
    }

    /** A lane dies under its calls, and is started again after a while. */
    void crash(SimulatedLane lane) {
        laneCrashes += lane.alive() ? 1 : 0;
        stop(lane, true, 1_000 + random.nextInt(5_000));
    }

    private void stop(SimulatedLane lane, boolean crashed, long length) {
        if (lane.alive()) {
            lane.die(crashed);
            time.in(length, () -> lane.comeBack(version));
        }
    }

    // ---- what goes wrong

    private void planFaults() {
        for (int i = 0; i < 6; i++) {
            time.in(random.nextInt((int) FAULTY), () -> {
                SimulatedProcess victim = processes[random.nextInt(PROCESSES)];
                if (!victim.dead()) {
                    crash(victim);
                }
            });
            time.in(random.nextInt((int) FAULTY), this::stall);
            time.in(
                    random.nextInt((int) FAULTY),
                    () -> move(random.nextInt(PARTITIONS), processes[random.nextInt(PROCESSES)]));
        }
        time.in(random.nextInt((int) FAULTY), () -> modelsAway = true);
        time.in(random.nextInt((int) FAULTY), () -> modelsAway = false);
        time.in(random.nextInt((int) FAULTY), () -> storeAway = true);
        time.in(random.nextInt((int) FAULTY), () -> storeAway = false);
        for (SimulatedLane lane : lanes) {
            time.in(random.nextInt((int) FAULTY), () -> crash(lane));
            time.in(random.nextInt((int) FAULTY), () -> stop(lane, false, random.nextInt(30_000)));
            time.in(names.nextInt((int) FAULTY), () -> lane.list(false));
            time.in(FAULTY + names.nextInt(1_000), () -> lane.list(true));
            time.in(names.nextInt((int) FAULTY), () -> lane.list(true));
        }
        time.in(random.nextInt((int) FAULTY), () -> {
            version = 2;
            // Other models come to one lane after the other.
            lanes.forEach(lane -> time.in(random.nextInt(20_000), () -> stop(lane, false, 2_000)));
        });
    }

    /** A process stands still, perhaps for longer than its session. */
    private void stall() {
        SimulatedProcess victim = processes[random.nextInt(PROCESSES)];
        long length = random.nextInt((int) (2 * SESSION));
        victim.stop();
        if (length > SESSION) {
            time.in(SESSION, () -> dispossess(victim, length - SESSION + 500));
        }
        time.in(length, victim::carryOn);
    }

    /** The session of a silent member is over: others take its partitions, and it hears of that when it is back. */
    private void dispossess(SimulatedProcess victim, long hearsAfter) {
        SimulatedProcess other = living();
        for (int p = 0; p < PARTITIONS; p++) {
            if (owners[p] == victim && other != victim) {
                int partition = p;
                releasing[p] = null;
                unaware.computeIfAbsent(victim, v -> new HashSet<>()).add(partition);
                assign(partition, other);
                time.in(hearsAfter, () -> tellLost(partition, victim));
            }
        }
    }

    private void heal() {
        faulty = false;
        modelsAway = false;
        storeAway = false;
        for (SimulatedProcess process : processes) {
            time.in(1, process::carryOn);
        }
    }

    private void tick() {
        for (SimulatedProcess process : processes) {
            process.post(new Event.Tick());
        }
        time.in(100, this::tick);
    }

    // ---- what has to be true

    private void visible(Terminal answer) {
        if (!expected.contains(answer.id())) {
            throw new Broken("I1", "nobody asked for job " + answer.id());
        }
        calm.answered(Objects.requireNonNull(partitions.get(answer.id())), answer);
        if (!(answer instanceof Terminal.Completed completed)) {
            return;
        }
        ImageOrder order = order(answer.id());
        if (order.prompt().equals(KILLER)) {
            throw new Broken("I1", "job " + answer.id() + " kills every lane and is completed");
        }
        if (completed.drawing().images().size() != order.images()) {
            throw new Broken(
                    "I1",
                    "job " + answer.id() + " has "
                            + completed.drawing().images().size() + " of " + order.images() + " images");
        }
        for (StoredImage image : completed.drawing().images()) {
            byte[] object = objects.get(image.key());
            if (object == null) {
                throw new Broken("I3", "image " + image.index() + " of job " + answer.id() + " is not in the store");
            }
            boolean right = LongStream.of(1, 2)
                    .anyMatch(v -> Arrays.equals(object, Chain.oracle(v, order.seed() + image.index(), 8, 3)));
            if (!right) {
                throw new Broken(
                        "I4",
                        "image " + image.index() + " of job " + answer.id() + " is not what an unbroken run draws");
            }
        }
    }

    private boolean drained() {
        return unanswered().isEmpty();
    }

    private List<JobId> unanswered() {
        return expected.stream()
                .filter(job -> !log(Objects.requireNonNull(partitions.get(job)))
                        .answers
                        .containsKey(job))
                .toList();
    }

    private long needed() {
        return logs.stream()
                .flatMap(log -> log.answers.values().stream())
                .filter(JobState.Terminal.Completed.class::isInstance)
                .mapToLong(answer -> order(answer.id()).images() * 11L)
                .sum();
    }
}
