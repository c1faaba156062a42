package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.Lanes.Berth;
import io.wurstwerk.orchestrator.engine.StartedJobs.Started;
import io.wurstwerk.orchestrator.engine.Work.Progress;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The started jobs of a process and the places where their images are worked on. */
final class Places {
    /** Started jobs at most, while one after the other is the next to find out whether the models work again. */
    private static final int WITNESSES = 16;

    private final Ports ports;
    private final EngineSettings settings;
    private final Lanes lanes;
    private final Circuit store;
    private final Clock clock;
    private final EngineListener listener;
    private final StartedJobs started = new StartedJobs();
    private String pipeline = "";

    Places(Ports ports, EngineSettings settings, Lanes lanes, Circuit store, Clock clock, EngineListener listener) {
        this.ports = ports;
        this.settings = settings;
        this.lanes = lanes;
        this.store = store;
        this.clock = clock;
        this.listener = listener;
    }

    /** Names the models that draw from now on; nothing that others drew may be under way. */
    void drawWith(String models) {
        pipeline = models;
    }

    int active() {
        return started.active();
    }

    boolean busy() {
        return started.size() > 0;
    }

    /** Whether one more job may be started now. */
    boolean takesJobs() {
        int claims = started.claims();
        if (started.anySuspicious()
                || claims >= settings.slots()
                || !lanes.reachable()
                || started.wanting() >= lanes.room()) {
            return false;
        }
        // In an outage those who are held send the probes; only if nobody is may a new job be the one to find out.
        List<Dependency> away = Arrays.stream(Dependency.values())
                .filter(d -> !present(d))
                .filter(started::anyHeld)
                .toList();
        // Models that err on all who are held may err because of what these ask: others find out, one by one.
        boolean witness = lanes.erring() && claims == 0 && started.size() < WITNESSES;
        return away.isEmpty() || (witness && away.equals(List.of(Dependency.TRITON)));
    }

    private boolean present(Dependency dependency) {
        return switch (dependency) {
            case TRITON -> lanes.present();
            case STORE -> store.closed();
        };
    }

    CircuitState store(Instant now) {
        return store.state(now);
    }

    void start(Owner owner, JobState.Accepted job, Instant now) {
        JobState.Running running = job.start();
        JobId id = running.job().id();
        Work work = new Work(owner.partition(), owner.epoch(), running, owner.checkpoints(id), now);
        started.add(new Started(owner, work));
        owner.start(running, () -> {
            work.startIsDurable();
            finishIfStored(id);
        });
        ports.log().load(owner.partition(), owner.epoch(), id, running.job().offset());
    }

    void loaded(Owner owner, JobId job, @Nullable Submission submission) {
        Started one = started.get(job);
        if (one == null || one.owner() != owner || one.work().submission() != null) {
            return;
        }
        if (submission instanceof Submission.Ordered ordered) {
            one.work().loaded(ordered);
            finishIfStored(job);
        } else {
            owner.orderIsGone(one.work().running());
        }
    }

    // ---- answers

    void stepped(ImageId image, Canvas canvas) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        Work work = one.work();
        Berth berth = leave(work, image.index());
        if (work.progress(image.index()) instanceof Progress.Drawing(Canvas before) && before == null) {
            lanes.answered(berth);
            if (fromTheStore(work)) {
                store.worked();
            }
        } else {
            lanes.worked(berth);
        }
        canvas.promoted().ifPresent(work::promoted);
        worked(one, image.index());
        int last = work.order().priorSchedule().steps();
        work.due(image.index(), canvas, settings.checkpointSteps(), pipeline, last)
                .ifPresent(checkpoint -> write(one, checkpoint));
        listener.stepped(image, canvas);
        work.set(image.index(), new Progress.Drawing(canvas));
        goOn(one, image.index(), null);
    }

    private void worked(Started one, int index) {
        one.work().stepWorked(index);
        one.work().acquitted().ifPresent(running -> become(one, running));
    }

    void drawn(ImageId image, Picture picture) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        lanes.worked(leave(one.work(), image.index()));
        worked(one, image.index());
        keep(one, image.index(), picture);
    }

    void kept(ImageId image, StoredObject object) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        store.worked();
        Work work = one.work();
        StoredObject counted = work.counted(image.index(), object);
        work.set(image.index(), new Progress.Stored(counted));
        listener.stored(image);
        if (!work.finished()) {
            write(one, work.stored(image.index(), counted, pipeline));
        }
        finishIfStored(image.job());
    }

    void refused(ImageId image, Refusal refusal) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        boolean unbegun =
                one.work().progress(image.index()) instanceof Progress.Drawing(Canvas before) && before == null;
        boolean away = refusal instanceof Refusal.Outage(Dependency missing) && missing == Dependency.STORE;
        if (unbegun && !away && fromTheStore(one.work())) {
            // Whether the store was asked is not known; if it was the probe, another may be sent.
            store.unprobed();
        }
        switch (refusal) {
            case Refusal.Outage(Dependency dependency)
            when dependency == Dependency.STORE -> {
                if (one.work().berth(image.index()) != null) {
                    // It was the draft that could not be read; the lane has done nothing wrong.
                    lanes.answered(leave(one.work(), image.index()));
                }
                store.failed(clock.instant());
                one.work().retried(image.index());
                hold(one, image.index(), dependency);
            }
            case Refusal.Outage _ -> elsewhere(one, image.index());
            case Refusal.Crash _ -> {
                if (!guilty(one, image.index())) {
                    elsewhere(one, image.index());
                }
            }
            case Refusal.ModelError(String message) ->
                again(one, image.index(), new Failure(Failure.Code.MODEL_ERROR, message));
            case Refusal.NonFinite(String message) ->
                again(one, image.index(), new Failure(Failure.Code.NON_FINITE, message));
            case Refusal.Impossible(Failure.Code code, String message) -> {
                lanes.answered(leave(one.work(), image.index()));
                if (code != Failure.Code.MODEL_REJECTED) {
                    // A draft that is not there, or not of use: the store has answered.
                    store.worked();
                }
                fail(one, new Failure(code, message));
            }
        }
    }

    // ---- places

    /** Gives free places to images that have been begun already, then to further images of started jobs. */
    void proceed(Instant now) {
        for (Started one : started.turns(lanes.erring())) {
            Work work = one.work();
            if (one.owner().releasing() || !work.mayDraw()) {
                continue;
            }
            Optional<Integer> kept = work.held(Dependency.STORE);
            while (kept.isPresent() && free() && store.mayAsk(now)) {
                if (!resume(one, kept.get())) {
                    store.unprobed();
                    break;
                }
                kept = work.held(Dependency.STORE);
            }
            Optional<Integer> wanting = wanting(work);
            while (wanting.isPresent() && free()) {
                Optional<Berth> berth = board(one, null);
                if (berth.isEmpty()) {
                    break;
                }
                order(one, wanting.get(), berth.get());
                wanting = wanting(work);
            }
            // In an outage that may last, a job waits and is not being worked on.
            while (!lanes.reachable() && work.pending().isPresent()) {
                hold(one, work.pending().get(), Dependency.TRITON);
            }
        }
    }

    private static Optional<Integer> wanting(Work work) {
        return work.held(Dependency.TRITON).or(work::pending);
    }

    private boolean free() {
        return active() < settings.slots();
    }

    /** A place on a lane for the job's next call. */
    private Optional<Berth> board(Started one, @Nullable String avoid) {
        return started.mayDraw(one) ? lanes.board(avoid, clock.instant()) : Optional.empty();
    }

    private Berth leave(Work work, int index) {
        Berth berth = Objects.requireNonNull(work.berth(index), "an image that is drawn has a berth");
        lanes.left(berth);
        work.leave(index);
        return berth;
    }

    /** The next call of an image that is being drawn, on the lane with the most room; or it waits for one. */
    private void goOn(Started one, int index, @Nullable String avoid) {
        Optional<Berth> berth = board(one, avoid);
        if (berth.isPresent()) {
            order(one, index, berth.get());
        } else {
            hold(one, index, Dependency.TRITON);
        }
    }

    /** The lane did not take the call or did not end it: the same on another lane, at once. */
    private void elsewhere(Started one, int index) {
        Berth berth = leave(one.work(), index);
        lanes.failed(berth, clock.instant());
        one.work().retried(index);
        goOn(one, index, berth.lane());
    }

    /** Counts that a lane died under a call of the job; true when the job has been given up for it. */
    private boolean guilty(Started one, int index) {
        Berth berth = Objects.requireNonNull(one.work().berth(index), "an image that is drawn has a berth");
        Optional<JobState.Running> counted = one.work().crashed(berth);
        if (counted.isEmpty()) {
            return false;
        }
        JobState.Running running = counted.get();
        listener.laneCrashed(berth.lane(), running.job().id());
        if (running.attempts().exhausted()) {
            lanes.failed(berth, clock.instant());
            one.owner().giveUp(running.pause());
            return true;
        }
        become(one, running);
        return false;
    }

    /** Has a lane do what the image needs next. */
    private void order(Started one, int index, Berth berth) {
        Work work = one.work();
        if (work.state() instanceof JobState.Waiting waiting) {
            become(one, waiting.resume());
        }
        Progress next = work.progress(index) instanceof Progress.Held(Dependency _, Progress then)
                ? then
                : work.progress(index);
        if (next instanceof Progress.Drawing(Canvas canvas) && canvas != null) {
            work.set(index, next);
            ports.studio().step(work.nextRequest(index, berth), berth.lane(), canvas);
            return;
        }
        // Not begun, or not begun to any effect: from the checkpoint, if there is one.
        Optional<Checkpoint.Latents> from = next instanceof Progress.Pending(Optional<Checkpoint.Latents> latents)
                ? latents
                : checkpointed(one, index);
        work.set(index, new Progress.Drawing(null));
        ImageId image = work.nextRequest(index, berth);
        from.ifPresent(latents -> listener.resumed(image, latents.nextStep()));
        ports.studio().begin(image, berth.lane(), work.job().tenant(), work.order(), from);
    }

    /**
     * Asks the store again, for room or for a draft.
     *
     * @return false when no lane has room to go on from the draft
     */
    private boolean resume(Started one, int index) {
        Work work = one.work();
        if (!(work.progress(index) instanceof Progress.Held(Dependency _, Progress then))) {
            throw new IllegalStateException("image " + index + " does not wait for the store");
        }
        if (!(then instanceof Progress.Keeping(Picture picture))) {
            Optional<Berth> berth = board(one, null);
            berth.ifPresent(place -> order(one, index, place));
            return berth.isPresent();
        }
        if (work.state() instanceof JobState.Waiting waiting) {
            become(one, waiting.resume());
        }
        work.set(index, then);
        ports.gallery().keep(work.nextRequest(index), work.job().tenant(), picture);
        return true;
    }

    private static boolean fromTheStore(Work work) {
        return work.order().course() instanceof Course.Promotion;
    }

    private void keep(Started one, int index, Picture picture) {
        one.work().set(index, new Progress.Keeping(picture));
        if (store.mayAsk(clock.instant())) {
            ports.gallery().keep(one.work().nextRequest(index), one.work().job().tenant(), picture);
        } else {
            hold(one, index, Dependency.STORE);
        }
    }

    private void hold(Started one, int index, Dependency dependency) {
        Work work = one.work();
        listener.away(dependency);
        Progress then = work.progress(index);
        if (then instanceof Progress.Drawing(Canvas canvas) && canvas == null) {
            // The image was not begun: it begins anew, from the checkpoint if there is one.
            then = new Progress.Pending(checkpointed(one, index));
        }
        work.set(index, new Progress.Held(dependency, then));
        if (work.active() == 0 && work.state() instanceof JobState.Running running) {
            become(one, running.await(dependency));
        }
    }

    private Optional<Checkpoint.Latents> checkpointed(Started one, int index) {
        Checkpoint checkpoint = one.owner().checkpoints(one.work().job().id()).get(index);
        return checkpoint != null && checkpoint.content() instanceof Checkpoint.Latents latents
                ? Optional.of(latents)
                : Optional.empty();
    }

    private void become(Started one, JobState.Open state) {
        one.work().become(state);
        one.owner().become(state);
    }

    /**
     * The first error of a step is tried again, on another lane where there is one; so many jobs in a row in error are
     * the lane's doing and not theirs.
     */
    private void again(Started one, int index, Failure failure) {
        Work work = one.work();
        Berth berth = leave(work, index);
        work.retried(index);
        if (lanes.erred(berth, work.job().id(), clock.instant())) {
            goOn(one, index, berth.lane());
            // Whoever failed last is the last to try again.
            started.last(one);
        } else if (work.firstError(index)) {
            goOn(one, index, berth.lane());
        } else {
            fail(one, failure);
        }
    }

    // ---- ends

    private void fail(Started one, Failure failure) {
        Submission.Ordered submission = one.work().submission();
        if (submission == null) {
            throw new IllegalStateException("a job fails only once it is drawn");
        }
        JobState.Running running = one.work().running();
        one.owner().finish(running, running.fail(submission.origin(), failure));
    }

    private void finishIfStored(JobId job) {
        Started one = started.get(job);
        if (one == null || !one.work().mayDraw() || !one.work().finished()) {
            return;
        }
        Submission.Ordered submission = one.work().submission();
        if (submission != null) {
            JobState.Running running = one.work().running();
            Drawing drawing = one.work().drawing(pipeline, clock.instant(), ports.gallery()::sign);
            int steps = one.work().steps();
            one.owner()
                    .finish(
                            running,
                            running.complete(submission.origin(), drawing),
                            () -> listener.drawn(running.job().cost(), steps, drawing));
        }
    }

    private void write(Started one, Checkpoint checkpoint) {
        ports.log().checkpoint(one.owner().partition(), one.owner().epoch(), checkpoint.key(), checkpoint.encode());
    }

    /** The started job that waits for this answer; null when it comes too late. */
    private @Nullable Started awaited(ImageId image) {
        Started one = started.get(image.job());
        if (one == null || !one.work().request(image.index()).equals(image)) {
            return null;
        }
        boolean waits = one.work().progress(image.index()) instanceof Progress.Drawing
                || one.work().progress(image.index()) instanceof Progress.Keeping;
        return waits ? one : null;
    }

    /** Stops the job's images; answers that still come are too late. */
    void drop(JobId job) {
        Started one = started.remove(job);
        if (one != null) {
            silence(one.work());
        }
    }

    /** The number of the attempt that a started job is in. */
    Optional<Integer> attempt(JobId job) {
        return Optional.ofNullable(started.get(job))
                .map(one -> one.work().state().attempts().started());
    }

    /** Drops the owner's jobs; returns the number of the attempt that each was in. */
    Map<JobId, Integer> abandon(Owner owner) {
        Map<JobId, Integer> attempts = new HashMap<>();
        started.of(owner)
                .forEach(one ->
                        attempts.put(one.id(), one.work().state().attempts().started()));
        attempts.keySet().forEach(this::drop);
        return attempts;
    }

    /** Takes an owner's started jobs off their places, each image checkpointed where it stands. */
    List<Work> pause(Owner owner) {
        List<Work> paused = new ArrayList<>();
        for (Started one : started.of(owner)) {
            Work work = one.work();
            for (int i = 0; i < work.job().images(); i++) {
                checkpointNow(one, i);
            }
            started.remove(work.job().id());
            silence(work);
            paused.add(work);
        }
        return paused;
    }

    private void checkpointNow(Started one, int index) {
        Progress progress = one.work().progress(index);
        Progress bare = progress instanceof Progress.Held(Dependency _, Progress then) ? then : progress;
        if (bare instanceof Progress.Drawing(Canvas canvas) && canvas != null) {
            one.work().due(index, canvas, 0, pipeline, 0).ifPresent(checkpoint -> write(one, checkpoint));
        }
    }

    private void silence(Work work) {
        for (int i = 0; i < work.job().images(); i++) {
            if (work.progress(i) instanceof Progress.Drawing || work.progress(i) instanceof Progress.Keeping) {
                ports.studio().abandon(work.request(i));
            }
            Berth berth = work.berth(i);
            if (berth != null) {
                lanes.abandoned(berth);
                work.leave(i);
            }
        }
        // A probe that nobody answers any more must not block the next one.
        store.unprobed();
    }
}
