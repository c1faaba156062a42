package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.Work.Progress;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The started jobs of a process and the places where their images are worked on. */
final class Places {
    /** Started jobs at most, while one after the other is the next to find out whether the models work again. */
    private static final int WITNESSES = 16;

    private final Ports ports;
    private final EngineSettings settings;
    private final Outages outages;
    private final Clock clock;
    private final EngineListener listener;
    private final Map<JobId, Started> started = new LinkedHashMap<>();
    private String pipeline = "";

    private record Started(Owner owner, Work work) {}

    Places(Ports ports, EngineSettings settings, Outages outages, Clock clock, EngineListener listener) {
        this.ports = ports;
        this.settings = settings;
        this.outages = outages;
        this.clock = clock;
        this.listener = listener;
    }

    /** Names the models that draw from now on; nothing that others drew may be under way. */
    void drawWith(String models) {
        pipeline = models;
    }

    int active() {
        return started.values().stream().mapToInt(s -> s.work().active()).sum();
    }

    boolean busy() {
        return !started.isEmpty();
    }

    /** Whether one more job may be started now. */
    boolean takesJobs() {
        boolean alone = started.values().stream()
                .anyMatch(s -> s.work().state().attempts().suspicious());
        int claims = started.values().stream().mapToInt(s -> s.work().claims()).sum();
        if (alone || claims >= settings.slots()) {
            return false;
        }
        // In an outage those who are held send the probes; only if nobody is may a new job be the one to find out.
        List<Dependency> away = Arrays.stream(Dependency.values())
                .filter(d -> !outages.present(d))
                .filter(d ->
                        started.values().stream().anyMatch(s -> s.work().held(d).isPresent()))
                .toList();
        // Models that err on all who are held may err because of what these ask: others find out, one by one.
        boolean witness = outages.erring() && claims == 0 && started.size() < WITNESSES;
        return away.isEmpty() || (witness && away.equals(List.of(Dependency.TRITON)));
    }

    void start(Owner owner, JobState.Accepted job, Instant now) {
        JobState.Running running = job.start();
        JobId id = running.job().id();
        Work work = new Work(owner.partition(), owner.epoch(), running, owner.checkpoints(id), now);
        started.put(id, new Started(owner, work));
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
        if (work.progress(image.index()) instanceof Progress.Drawing(Canvas before) && before == null) {
            outages.answered();
        } else {
            outages.worked(Dependency.TRITON);
        }
        work.stepWorked(image.index());
        int last = work.order().priorSchedule().steps();
        work.due(image.index(), canvas, settings.checkpointSteps(), pipeline, last)
                .ifPresent(checkpoint -> write(one, checkpoint));
        listener.stepped(image, canvas);
        work.set(image.index(), new Progress.Drawing(canvas));
        ports.studio().step(work.nextRequest(image.index()), canvas);
    }

    void drawn(ImageId image, Picture picture) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        outages.worked(Dependency.TRITON);
        keep(one, image.index(), picture);
    }

    void kept(ImageId image, StoredObject object) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        outages.worked(Dependency.STORE);
        Work work = one.work();
        work.set(image.index(), new Progress.Stored(object));
        listener.stored(image);
        if (!work.finished()) {
            write(one, work.stored(image.index(), object, pipeline));
        }
        finishIfStored(image.job());
    }

    void refused(ImageId image, Refusal refusal) {
        Started one = awaited(image);
        if (one == null) {
            return;
        }
        switch (refusal) {
            case Refusal.Outage(Dependency dependency) -> {
                outages.failed(dependency, clock.instant());
                hold(one, image.index(), dependency);
            }
            case Refusal.ModelError(String message) ->
                again(one, image.index(), new Failure(Failure.Code.MODEL_ERROR, message));
            case Refusal.NonFinite(String message) ->
                again(one, image.index(), new Failure(Failure.Code.NON_FINITE, message));
            case Refusal.Impossible(String message) -> fail(one, new Failure(Failure.Code.MODEL_REJECTED, message));
        }
    }

    // ---- places

    /** Gives free places to images that have been begun already, then to further images of started jobs. */
    void proceed(Instant now) {
        for (Started one : turns()) {
            Work work = one.work();
            if (one.owner().releasing() || !work.mayDraw()) {
                continue;
            }
            for (Dependency dependency : Dependency.values()) {
                Optional<Integer> held = work.held(dependency);
                while (held.isPresent() && free() && outages.mayAsk(dependency, now)) {
                    resume(one, held.get());
                    held = work.held(dependency);
                }
            }
            Optional<Integer> pending = work.pending();
            while (pending.isPresent() && free() && outages.mayAsk(Dependency.TRITON, now)) {
                begin(one, pending.get());
                pending = work.pending();
            }
        }
    }

    private List<Started> turns() {
        List<Started> turns = new ArrayList<>(started.values());
        if (outages.erring()) {
            turns.sort(Comparator.comparing(one -> one.work().pending().isEmpty()));
        }
        return turns;
    }

    private boolean free() {
        return active() < settings.slots();
    }

    private void begin(Started one, int index) {
        Work work = one.work();
        if (!(work.progress(index) instanceof Progress.Pending(Optional<Checkpoint.Latents> from))) {
            throw new IllegalStateException("image " + index + " has been begun already");
        }
        work.set(index, new Progress.Drawing(null));
        ImageId image = work.nextRequest(index);
        from.ifPresent(latents -> listener.resumed(image, latents.nextStep()));
        ports.studio().begin(image, work.job().tenant(), work.order(), from);
    }

    private void resume(Started one, int index) {
        Work work = one.work();
        if (!(work.progress(index) instanceof Progress.Held(Dependency _, Progress then))) {
            throw new IllegalStateException("image " + index + " does not wait");
        }
        if (work.state() instanceof JobState.Waiting waiting) {
            become(one, waiting.resume());
        }
        work.set(index, then);
        switch (then) {
            case Progress.Drawing(Canvas canvas)
            when canvas != null -> ports.studio().step(work.nextRequest(index), canvas);
            case Progress.Keeping(Picture picture) ->
                ports.gallery().keep(work.nextRequest(index), work.job().tenant(), picture);
            case Progress.Pending _ -> begin(one, index);
            case Progress.Drawing _ -> throw new IllegalStateException("nothing was drawn yet");
            case Progress.Held _ -> throw new IllegalStateException("an image waits for one thing at a time");
            case Progress.Stored _ -> throw new IllegalStateException("a stored image waits for nothing");
        }
    }

    private void keep(Started one, int index, Picture picture) {
        one.work().set(index, new Progress.Keeping(picture));
        if (outages.mayAsk(Dependency.STORE, clock.instant())) {
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

    /** The first error of a kind of step is tried again; so many jobs in a row in error are an outage, not their fault. */
    private void again(Started one, int index, Failure failure) {
        Work work = one.work();
        if (outages.erred(work.job().id(), clock.instant())) {
            hold(one, index, Dependency.TRITON);
            // Whoever failed last is the last to try again.
            started.remove(work.job().id());
            started.put(work.job().id(), one);
        } else if (!work.firstError(index)) {
            fail(one, failure);
        } else if (work.progress(index) instanceof Progress.Drawing(Canvas canvas) && canvas != null) {
            ports.studio().step(work.nextRequest(index), canvas);
        } else {
            work.set(index, new Progress.Pending(checkpointed(one, index)));
            begin(one, index);
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

    /** Drops the owner's jobs; returns the number of the attempt that each was in. */
    Map<JobId, Integer> abandon(Owner owner) {
        Map<JobId, Integer> attempts = new HashMap<>();
        started.forEach((job, one) -> {
            if (one.owner() == owner) {
                attempts.put(job, one.work().state().attempts().started());
            }
        });
        attempts.keySet().forEach(this::drop);
        return attempts;
    }

    /** Takes an owner's started jobs off their places, each image checkpointed where it stands. */
    List<Work> pause(Owner owner) {
        List<Work> paused = new ArrayList<>();
        for (Started one : List.copyOf(started.values())) {
            if (one.owner() != owner) {
                continue;
            }
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
        }
        // A probe that nobody answers any more must not block the next one.
        outages.unprobed(Dependency.TRITON);
        outages.unprobed(Dependency.STORE);
    }
}
