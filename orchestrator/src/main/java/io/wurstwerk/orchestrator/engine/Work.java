package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Lanes.Berth;
import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.job.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A started job: its order and where each of its images stands. */
final class Work {

    /** Where an image stands. */
    sealed interface Progress {
        /** Not begun, or to be begun again. */
        record Pending(Optional<Checkpoint.Latents> from) implements Progress {}

        /** A request is under way; {@code canvas} is what it started from, null before the first. */
        record Drawing(@Nullable Canvas canvas) implements Progress {}

        /** Drawn; the store has been asked to keep it. */
        record Keeping(Picture picture) implements Progress {}

        /** Waits for a dependency to come back, and then goes on as {@code then}. */
        record Held(Dependency dependency, Progress then) implements Progress {}

        record Stored(StoredObject object) implements Progress {}
    }

    private final int partition;
    private final long epoch;
    private final Instant startedAt;
    private final Progress[] images;
    private final int[] checkpointed;
    private final int[] requests;
    private final int[] retries;
    private final int[] resumed;
    private final boolean[] erred;
    private final int[] steps;
    private final @Nullable Berth[] berths;
    private final Suspicion suspicion;
    private JobState.Open state;
    private Submission.@Nullable Ordered submission;
    private @Nullable ImageOrder promoted;
    private boolean durable;

    Work(int partition, long epoch, JobState.Running state, Map<Integer, Checkpoint> checkpoints, Instant now) {
        this.partition = partition;
        this.epoch = epoch;
        this.state = state;
        this.startedAt = now;
        int count = state.job().images();
        this.images = new Progress[count];
        this.checkpointed = new int[count];
        this.requests = new int[count];
        this.retries = new int[count];
        this.resumed = new int[count];
        this.erred = new boolean[count];
        this.steps = new int[count];
        this.berths = new Berth[count];
        this.suspicion = new Suspicion(count);
        for (int i = 0; i < count; i++) {
            Checkpoint checkpoint = checkpoints.get(i);
            images[i] = checkpoint == null
                    ? new Progress.Pending(Optional.empty())
                    : switch (checkpoint.content()) {
                        case Checkpoint.Latents latents -> new Progress.Pending(Optional.of(latents));
                        case Checkpoint.Stored stored -> new Progress.Stored(stored.object());
                    };
            if (checkpoint != null && checkpoint.content() instanceof Checkpoint.Latents latents) {
                resumed[i] = latents.nextStep();
                Cost cost = latents.cost();
                retries[i] = cost == null ? 0 : cost.retries();
            }
            checkpointed[i] = checkpoint == null ? 0 : checkpoint.content().progress();
            steps[i] = Replay.counted(checkpointed[i]);
        }
    }

    JobEntry job() {
        return state.job();
    }

    JobState.Open state() {
        return state;
    }

    /** The work itself, as a state of the job. */
    JobState.Running running() {
        return switch (state) {
            case JobState.Running running -> running;
            case JobState.Waiting waiting -> waiting.resume();
            case JobState.Accepted accepted ->
                throw new IllegalStateException("job " + accepted.job().id() + " has not been started");
        };
    }

    void become(JobState.Open next) {
        state = next;
    }

    void startIsDurable() {
        durable = true;
    }

    void loaded(Submission.Ordered ordered) {
        submission = ordered;
    }

    /** Whether the start is in the journal and the order is at hand: before, no model may be called. */
    boolean mayDraw() {
        return durable && submission != null;
    }

    Submission.@Nullable Ordered submission() {
        return submission;
    }

    ImageOrder order() {
        if (submission == null) {
            throw new IllegalStateException("the order of job " + job().id() + " has not been read yet");
        }
        return promoted == null ? submission.order() : promoted;
    }

    /** The draft that the order goes on from has been read: this is what is drawn. */
    void promoted(ImageOrder whole) {
        promoted = whole;
    }

    /** Name of the request that is under way for an image. */
    ImageId request(int index) {
        return new ImageId(partition, epoch, job().id(), state.attempts().started(), index, requests[index]);
    }

    /** Name of the next request for an image; answers to earlier ones come too late from now on. */
    ImageId nextRequest(int index) {
        requests[index]++;
        return request(index);
    }

    /** Name of the next request for an image, which goes to a lane. */
    ImageId nextRequest(int index, Berth berth) {
        berths[index] = berth;
        return nextRequest(index);
    }

    /** Where the call that is under way for the image is; null when none is. */
    @Nullable
    Berth berth(int index) {
        return berths[index];
    }

    /** The call that was under way for the image is over. */
    void leave(int index) {
        berths[index] = null;
    }

    Progress progress(int index) {
        return images[index];
    }

    void set(int index, Progress progress) {
        images[index] = progress;
    }

    /** The first image that nobody has begun. */
    Optional<Integer> pending() {
        return IntStream.range(0, images.length)
                .filter(i -> images[i] instanceof Progress.Pending)
                .boxed()
                .findFirst();
    }

    /** Images that want a lane and have none. */
    int wanting() {
        return (int) IntStream.range(0, images.length)
                .filter(i -> images[i] instanceof Progress.Pending
                        || (images[i] instanceof Progress.Held held && held.dependency() == Dependency.TRITON))
                .count();
    }

    /** Images that have a call under way on a lane. */
    int drawing() {
        return (int) Arrays.stream(berths).filter(Objects::nonNull).count();
    }

    /** The first image that waits for the dependency. */
    Optional<Integer> held(Dependency dependency) {
        return IntStream.range(0, images.length)
                .filter(i -> images[i] instanceof Progress.Held held && held.dependency() == dependency)
                .boxed()
                .findFirst();
    }

    /** Images that occupy a place. */
    int active() {
        return (int) IntStream.range(0, images.length)
                .filter(i -> images[i] instanceof Progress.Drawing || images[i] instanceof Progress.Keeping)
                .count();
    }

    /** Images that occupy a place or want the next one. */
    int claims() {
        return active()
                + (int) IntStream.range(0, images.length)
                        .filter(i -> images[i] instanceof Progress.Pending)
                        .count();
    }

    boolean finished() {
        return IntStream.range(0, images.length).allMatch(i -> images[i] instanceof Progress.Stored);
    }

    /** Notes the first model error of an image since its last good step; false if it had one already. */
    boolean firstError(int index) {
        boolean first = !erred[index];
        erred[index] = true;
        return first;
    }

    /** What was asked for the image failed and is asked again. */
    void retried(int index) {
        retries[index]++;
    }

    /** The object with all that is known of its cost. */
    StoredObject counted(int index, StoredObject object) {
        return object.counted(retries[index], resumed[index]);
    }

    void stepWorked(int index) {
        erred[index] = false;
        steps[index]++;
    }

    /**
     * Counts the end of the lane under a call of this job, once for all its images. Crashes before the last checkpoint
     * do not count any more, and neither do those beyond which every image has gone on.
     *
     * @return the job as it goes on; empty when this end has been counted
     */
    Optional<JobState.Running> crashed(Berth berth) {
        if (!suspicion.firstOf(berth)) {
            return Optional.empty();
        }
        boolean[] hit = new boolean[images.length];
        for (int i = 0; i < hit.length; i++) {
            Berth other = berths[i];
            hit[i] = other != null && other.lane().equals(berth.lane()) && other.life() == berth.life();
        }
        boolean beyond = suspicion.none() && checkpointed() > state.attempts().progress();
        int disproved = suspicion.crashed(hit, steps);
        int innocent = beyond ? state.attempts().crashes() : disproved;
        return Optional.of(running().with(state.attempts().laneCrash(innocent, checkpointed())));
    }

    /** The job without the suspicion that its steps have disproved; empty when there is none such. */
    Optional<JobState.Running> acquitted() {
        int disproved = state.attempts().suspicious() ? suspicion.acquitted(steps) : 0;
        return disproved == 0
                ? Optional.empty()
                : Optional.of(running().with(state.attempts().acquit(disproved)));
    }

    /** Steps in checkpoints, as a replay would count them. */
    private int checkpointed() {
        return Arrays.stream(checkpointed).map(Replay::counted).sum();
    }

    /**
     * The checkpoint that is due for a canvas, if one is.
     *
     * @param every steps between two checkpoints; zero asks for whatever is newer than the last one
     * @param stageCSteps of the whole image: its end is always due, so that the decode is all that can be repeated
     */
    Optional<Checkpoint> due(int index, Canvas canvas, int every, String pipeline, int stageCSteps) {
        int steps = canvas.stageCSteps();
        boolean wanted = every == 0 || steps % every == 0 || steps == stageCSteps;
        if (!canvas.resumable() || steps <= checkpointed[index] || !wanted) {
            return Optional.empty();
        }
        checkpointed[index] = steps;
        Usage usage = canvas.usage();
        Cost cost = usage == null ? null : new Cost(usage, 0, retries[index], resumed[index]);
        return Optional.of(new Checkpoint(
                job().id(),
                index,
                state.attempts().started(),
                pipeline,
                new Checkpoint.Latents(steps, canvas.state(), cost)));
    }

    Checkpoint stored(int index, StoredObject object, String pipeline) {
        return new Checkpoint(job().id(), index, state.attempts().started(), pipeline, new Checkpoint.Stored(object));
    }

    /** Steps of all images, had none been repeated; an image's beginning is one. */
    int steps() {
        return images.length * (1 + order().stageCSteps() + order().stageBSteps());
    }

    /** What the finished job delivers. */
    Drawing drawing(String pipeline, Instant now, BiFunction<Integer, StoredObject, StoredImage> sign) {
        List<StoredImage> signed = new ArrayList<>();
        boolean truncated = false;
        Cost cost = new Cost(Usage.NONE, 0, 0, 0);
        Timings sum = new Timings(
                Duration.between(job().submittedAt(), startedAt),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.between(job().submittedAt(), now));
        for (int i = 0; i < images.length; i++) {
            if (!(images[i] instanceof Progress.Stored(StoredObject object))) {
                throw new IllegalStateException("image " + i + " of job " + job().id() + " is not stored");
            }
            signed.add(sign.apply(i, object));
            truncated |= object.truncated();
            sum = sum.plus(object.spent());
            cost = cost == null || object.cost() == null ? null : cost.plus(object.cost());
        }
        ImageOrder order = order();
        return new Drawing(order.prior(), order.width(), order.height(), truncated, pipeline, signed, sum, cost);
    }
}
