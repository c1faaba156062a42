package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Canvas;
import io.wurstwerk.orchestrator.engine.Checkpoint;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.Picture;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.fleet.StepTimes;
import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.job.Usage;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.orchestrator.trace.Step;
import io.wurstwerk.pipeline.ImageRequest;
import io.wurstwerk.pipeline.Pipeline;
import io.wurstwerk.pipeline.Progress;
import io.wurstwerk.pipeline.Prompt;
import io.wurstwerk.pipeline.UnknownCheckpointException;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.diffusion.NonFiniteException;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.image.UnsupportedFormatException;
import io.wurstwerk.pipeline.triton.TritonException;
import io.wurstwerk.pipeline.triton.TritonModelException;
import io.wurstwerk.pipeline.triton.TritonRequestException;
import io.wurstwerk.pipeline.triton.TritonUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Draws on lanes: every step that the engine orders is one model call on a virtual thread of its own. */
public final class LaneStudio implements Ports.Studio, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LaneStudio.class);
    private static final int PROMPTS = 64;
    private static final int LONGEST_MESSAGE = 500;

    private final Fleet fleet;
    private final StepTimes times;
    private final Consumer<Event> events;
    private final JobProgress progress;
    private final Previews previews;
    private final Drafts drafts;
    private final ModelMeters meters;
    private final JobTraces traces;
    private final ExecutorService threads;
    private final Map<ImageId, Future<?>> underWay = new ConcurrentHashMap<>();

    /** The prompts encoded last; images of one job share one. */
    private final Map<JobId, SharedConditioning> conditionings = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<JobId, SharedConditioning> eldest) {
            return size() > PROMPTS;
        }
    };

    /**
     * Draws nothing yet.
     *
     * @param times learns how long the calls take
     * @param previews makes what watchers see meanwhile
     * @param drafts has what promotions go on from
     */
    public LaneStudio(
            Fleet fleet,
            StepTimes times,
            Consumer<Event> events,
            JobProgress progress,
            Previews previews,
            Drafts drafts,
            ModelMeters meters,
            JobTraces traces) {
        this.meters = meters;
        this.traces = traces;
        this.fleet = fleet;
        this.times = times;
        this.progress = progress;
        this.previews = previews;
        this.drafts = drafts;
        this.events = events;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("draw-", 0).factory());
    }

    @Override
    public void begin(ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from) {
        progress.begun(image, tenant, order.images());
        run(image, lane, pipeline -> {
            ImageOrder whole = order;
            Optional<Resumption> resumption =
                    from.map(done -> new Resumption(done.nextStep(), LaneCanvas.latents(done.state())));
            if (order.course() instanceof Course.Promotion promotion) {
                Drafts.Found draft =
                        drafts.find(tenant, promotion, order.images(), image.index(), pipeline.fingerprint());
                whole = draft.order();
                resumption = Optional.of(new Resumption(whole.priorSchedule().steps(), draft.latents()));
            } else if (order.course() instanceof Course.Draft
                    && pipeline.preview(order.prior()).isEmpty()) {
                throw new IllegalArgumentException("the configuration of checkpoint " + order.prior()
                        + " does not say how its latents look, so a draft of it has no preview");
            }
            SharedConditioning shared = conditioning(image.job(), whole);
            Usage earlier = from.isEmpty() ? Usage.NONE : usage(from.get());
            // Stays empty for images whose text another one has had encoded.
            List<Usage> encoding = new ArrayList<>();
            Conditioning text =
                    shared.of(pipeline, (encoders, prompt) -> encode(image, lane, encoders, prompt, encoding));
            ImageRequest request = ImageRequests.image(whole, image.index());
            Generation generation = resumption.isEmpty()
                    ? pipeline.begin(request, text)
                    : pipeline.resume(
                            request,
                            text,
                            resumption.get().nextStep(),
                            resumption.get().latents());
            // The text was encoded for all images of the job: its time is the first one's.
            Duration took = image.index() == 0 ? shared.took() : Duration.ZERO;
            return answer(
                    image,
                    pipeline,
                    new LaneCanvas(
                            pipeline.fingerprint(),
                            tenant,
                            whole,
                            text.promptTruncated(),
                            generation,
                            Map.of(Stage.TEXT, took),
                            earlier == null ? null : encoding.stream().reduce(earlier, Usage::plus),
                            Optional.empty()));
        });
    }

    @Override
    public void step(ImageId image, String lane, Canvas canvas) {
        LaneCanvas before = (LaneCanvas) canvas;
        run(image, lane, pipeline -> {
            if (!pipeline.fingerprint().equals(before.pipeline())) {
                return new Event.Refused(image, new Refusal.Outage(Dependency.TRITON));
            }
            Progress done = Progress.after(before.generation());
            Stage stage = done.stage();
            Step step = traces.step(image, ModelMeters.name(stage), done.step(), done.steps(), lane);
            Generation next;
            Duration took;
            Usage used;
            try (ModelMeters.Metered call = meters.begin(stage, lane, step)) {
                next = attended(step, () -> pipeline.step(before.order().prior(), before.generation(), call));
                took = call.took();
                used = call.used();
            }
            learn(stage, before.order(), took);
            String prior = before.order().prior();
            LaneCanvas after = before.stepped(
                    next,
                    stage,
                    took,
                    used,
                    previews.of(image, () -> pipeline.preview(prior), before.generation(), next));
            return answer(image, pipeline, after);
        });
    }

    private Conditioning encode(ImageId image, String lane, Pipeline pipeline, Prompt prompt, List<Usage> usages) {
        Step step = traces.whole(image, "text");
        try (ModelMeters.Metered calls = meters.begin(Stage.TEXT, lane, step)) {
            Conditioning text = attended(step, () -> pipeline.encode(prompt, calls));
            usages.add(calls.used());
            return text;
        }
    }

    private static <T> T attended(Step step, Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException failure) {
            step.failed(failure.getClass().getSimpleName());
            throw failure;
        }
    }

    /** What the attempts before have used; null where their checkpoint does not say. */
    private static @Nullable Usage usage(Checkpoint.Latents checkpoint) {
        Cost cost = checkpoint.cost();
        return cost == null ? null : cost.usage();
    }

    /** @param latents after so many steps of Stage C */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Resumption(int nextStep, float[] latents) {}

    private static Event answer(ImageId image, Pipeline pipeline, LaneCanvas canvas) {
        return switch (canvas.generation()) {
            case Drawn drawn -> new Event.Drawn(image, picture(drawn, canvas));
            case Denoising denoising
            when denoising.stage() == Stage.STAGE_B && canvas.order().course() instanceof Course.Draft ->
                new Event.Drawn(
                        image,
                        DraftFiles.of(
                                canvas,
                                denoising,
                                image.index(),
                                pipeline.preview(canvas.order().prior()).orElseThrow()));
            default -> new Event.Stepped(image, canvas);
        };
    }

    @Override
    public void abandon(ImageId image) {
        Future<?> call = underWay.remove(image);
        if (call != null) {
            call.cancel(true);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private interface Drawing {
        Event on(Pipeline pipeline) throws InterruptedException;
    }

    private void run(ImageId image, String lane, Drawing drawing) {
        try {
            Future<?> call = threads.submit(() -> {
                Event answer = answer(image, lane, drawing);
                underWay.remove(image);
                if (answer != null) {
                    events.accept(answer);
                }
            });
            underWay.put(image, call);
            if (call.isDone()) {
                underWay.remove(image);
            }
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the studio is closing");
        }
    }

    /** What became of the call; null when nobody wants to know any more. */
    private @Nullable Event answer(ImageId image, String lane, Drawing drawing) {
        Optional<Pipeline> pipeline = fleet.current(lane);
        if (pipeline.isEmpty()) {
            return new Event.Refused(image, new Refusal.Outage(Dependency.TRITON));
        }
        try {
            return drawing.on(pipeline.get());
        } catch (Drafts.UnusableException unusable) {
            return new Event.Refused(image, unusable.refusal());
        } catch (StoreException away) {
            LOG.warnf("job %s image %d waits: %s", image.job(), image.index(), away.getMessage());
            return new Event.Refused(image, new Refusal.Outage(Dependency.STORE));
        } catch (TritonException failure) {
            return new Event.Refused(image, refusal(image, lane, pipeline.get(), failure));
        } catch (NonFiniteException failure) {
            LOG.warnf("job %s image %d: %s", image.job(), image.index(), failure.getMessage());
            return new Event.Refused(image, new Refusal.NonFinite(shortened(failure.getMessage())));
        } catch (UnknownCheckpointException | UnsupportedFormatException | IllegalArgumentException unfit) {
            return new Event.Refused(image, new Refusal.Impossible(shortened(unfit.getMessage())));
        } catch (CancellationException | InterruptedException abandoned) {
            return null;
        } catch (RuntimeException bug) {
            // The message of an unforeseen exception may quote anything, also the prompt: only its type is told.
            LOG.errorf("job %s image %d: %s at %s", image.job(), image.index(), bug.getClass(), bug.getStackTrace()[0]);
            return new Event.Refused(
                    image, new Refusal.ModelError("unexpected " + bug.getClass().getName()));
        }
    }

    private Refusal refusal(ImageId image, String lane, Pipeline pipeline, TritonException failure) {
        LOG.warnf("job %s image %d: %s", image.job(), image.index(), failure.getMessage());
        return switch (failure) {
            case TritonUnavailableException away -> {
                fleet.suspect(lane);
                // A connection that is lost and back at once was no death of the server, and a server that has been
                // taken out of the lanes may go.
                yield away.lost() && fleet.has(lane) && !pipeline.ready()
                        ? new Refusal.Crash()
                        : new Refusal.Outage(Dependency.TRITON);
            }
            case TritonModelException _ -> new Refusal.ModelError(shortened(failure.getMessage()));
            case TritonRequestException _ -> new Refusal.Impossible(shortened(failure.getMessage()));
        };
    }

    private void learn(Stage stage, ImageOrder order, Duration took) {
        double seconds = took.toNanos() / 1e9;
        switch (stage) {
            case STAGE_C -> learn(StepTimes.Step.STAGE_C, order, order.priorGuidanceScale(), seconds);
            case STAGE_B -> learn(StepTimes.Step.STAGE_B, order, order.decoderGuidanceScale(), seconds);
            case STAGE_A -> learn(StepTimes.Step.STAGE_A, order, 0, seconds);
            case TEXT -> {
                // Encoded once for a job and small beside the rest.
            }
        }
    }

    private void learn(StepTimes.Step step, ImageOrder order, double guidanceScale, double seconds) {
        times.measured(step, order.width(), order.height(), StepTimes.rows(guidanceScale), seconds);
    }

    private static Picture picture(Drawn drawn, LaneCanvas canvas) {
        long start = System.nanoTime();
        byte[] file = ImageFiles.of(drawn, canvas.order(), canvas.pipeline());
        Timings spent = new Timings(
                Duration.ZERO,
                canvas.spent(Stage.TEXT),
                canvas.spent(Stage.STAGE_C),
                canvas.spent(Stage.STAGE_B),
                canvas.spent(Stage.STAGE_A),
                Duration.ofNanos(System.nanoTime() - start),
                Duration.ZERO,
                Duration.ZERO);
        return new Picture(
                file,
                canvas.order().output().format(),
                drawn.seed(),
                drawn.promptTruncated(),
                spent,
                null,
                canvas.usage());
    }

    private SharedConditioning conditioning(JobId job, ImageOrder order) {
        synchronized (conditionings) {
            return conditionings.computeIfAbsent(job, id -> new SharedConditioning(ImageRequests.prompt(order)));
        }
    }

    private static String shortened(@Nullable String message) {
        String told = String.valueOf(message);
        return told.substring(0, Math.min(told.length(), LONGEST_MESSAGE));
    }
}
