package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.ImageOutcome.Ended;
import io.wurstwerk.orchestrator.engine.ImageOutcome.Stored;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.ObjectKey;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.pipeline.Image;
import io.wurstwerk.pipeline.Pipeline;
import io.wurstwerk.pipeline.Progress;
import io.wurstwerk.pipeline.UnknownCheckpointException;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.NonFiniteException;
import io.wurstwerk.pipeline.triton.TritonException;
import io.wurstwerk.pipeline.triton.TritonModelException;
import io.wurstwerk.pipeline.triton.TritonRequestException;
import io.wurstwerk.pipeline.triton.TritonUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One image of a job, from waiting for a place to lying in the store. Outages cost time, never the job; a model that
 * errs is asked once more. Holds its place while the store is away, so that finished images in memory stay bounded.
 */
final class ImageRun {

    private static final Logger LOG = Logger.getLogger(ImageRun.class);
    private static final int LONGEST_MESSAGE = 500;

    private final Workshop workshop;
    private final JobState.Accepted accepted;
    private final Submission.Ordered submission;
    private final int index;
    private final SharedConditioning conditioning;
    private final ProgressEvents progress;

    ImageRun(Workshop workshop, JobState.Accepted accepted, int index, SharedConditioning conditioning) {
        this.workshop = workshop;
        this.accepted = accepted;
        this.submission = accepted.submission();
        this.index = index;
        this.conditioning = conditioning;
        this.progress = new ProgressEvents(submission, index, workshop.clock(), workshop.progress());
    }

    /** @throws InterruptedException when the job is given up; nothing is owed then */
    ImageOutcome run() throws InterruptedException {
        progress.at("queued", 0, 0);
        JobState.Running running = accepted.start();
        for (int outages = 1; ; outages++) {
            Optional<Pipeline> pipeline = place();
            if (pipeline.isEmpty()) {
                return new Ended(running.expire(workshop.clock().instant()));
            }
            Attempt attempt;
            workshop.metrics().drawingStarted();
            try {
                attempt = attempt(running, pipeline.get());
            } finally {
                workshop.metrics().drawingStopped();
                workshop.places().release();
            }
            switch (attempt) {
                case Attempt.Over over -> {
                    return over.outcome();
                }
                case Attempt.Again again -> running = again.running();
                case Attempt.Later later -> {
                    workshop.lane().suspect();
                    pause(later.waiting().dependency(), outages);
                    running = later.waiting().resume();
                }
            }
        }
    }

    /** How one try ended: for good, with a retry at once, or with a retry after an outage. */
    private sealed interface Attempt {
        record Over(ImageOutcome outcome) implements Attempt {}

        record Again(JobState.Running running) implements Attempt {}

        record Later(JobState.Waiting waiting) implements Attempt {}
    }

    /** Waits for models and then for a place; empty when the deadline came first. */
    private Optional<Pipeline> place() throws InterruptedException {
        workshop.metrics().queued();
        try {
            Optional<Pipeline> pipeline = workshop.lane().await(submission.deadline());
            if (pipeline.isPresent()
                    && workshop.places().tryAcquire(Math.max(0, left().toMillis()), TimeUnit.MILLISECONDS)) {
                if (!left().isNegative() && !left().isZero()) {
                    return pipeline;
                }
                workshop.places().release();
            }
            while (left().isPositive()) {
                Thread.sleep(left());
            }
            return Optional.empty();
        } finally {
            workshop.metrics().dequeued();
        }
    }

    private Attempt attempt(JobState.Running running, Pipeline pipeline) throws InterruptedException {
        try {
            return new Attempt.Over(drawAndStore(running, pipeline));
        } catch (DeadlineReached late) {
            return over(running.expire(workshop.clock().instant()));
        } catch (TritonException failure) {
            return switch (failure) {
                case TritonUnavailableException outage -> {
                    LOG.warnf("job %s image %d waits: %s", submission.job(), index, outage.getMessage());
                    yield new Attempt.Later(running.await(Dependency.TRITON));
                }
                case TritonModelException error -> againOrFail(running, Failure.Code.MODEL_ERROR, error);
                case TritonRequestException error -> fail(running, Failure.Code.MODEL_REJECTED, error.getMessage());
            };
        } catch (NonFiniteException error) {
            return againOrFail(running, Failure.Code.NON_FINITE, error);
        } catch (UnknownCheckpointException | IllegalArgumentException unfit) {
            return fail(running, Failure.Code.MODEL_REJECTED, unfit.getMessage());
        } catch (CancellationException interrupted) {
            throw new InterruptedException("the job was given up");
        } catch (RuntimeException bug) {
            // The message of an unforeseen exception may quote anything, also the prompt: only its type is told.
            LOG.errorf("job %s image %d: %s at %s", submission.job(), index, bug.getClass(), bug.getStackTrace()[0]);
            return fail(
                    running,
                    Failure.Code.INTERNAL,
                    "unexpected " + bug.getClass().getName());
        }
    }

    private ImageOutcome drawAndStore(JobState.Running running, Pipeline pipeline) throws InterruptedException {
        Instant startedAt = workshop.clock().instant();
        Conditioning text = conditioning.of(pipeline);
        progress.at("text", 1, 1);
        Image image = pipeline.generate(ImageRequests.image(submission.order(), index), text, this::stepped);
        long start = System.nanoTime();
        byte[] png = image.toPng();
        Duration encode = Duration.ofNanos(System.nanoTime() - start);
        progress.at("upload", 0, 1);
        start = System.nanoTime();
        StoredImage stored = store(image.seed(), png);
        Duration upload = Duration.ofNanos(System.nanoTime() - start);
        progress.at("upload", 1, 1);
        measure(image, encode, upload);
        LOG.debugf("job %s image %d attempt %d is stored", submission.job(), index, running.attempt());
        return new Stored(
                stored, image.promptTruncated(), pipeline.fingerprint(), startedAt, image.timings(), encode, upload);
    }

    private StoredImage store(long seed, byte[] png) throws InterruptedException {
        ImageStore store = workshop.store();
        String sha256 = ObjectKey.sha256(png);
        String key = store.key(submission.origin().tenant(), submission.job(), index, sha256);
        for (int outages = 1; ; outages++) {
            try {
                store.put(key, png);
                Instant expires = workshop.clock().instant().plus(store.urlExpiry());
                return new StoredImage(
                        index,
                        seed,
                        store.bucket(),
                        key,
                        sha256,
                        png.length,
                        ImageStore.CONTENT_TYPE,
                        store.presignedGet(key),
                        expires);
            } catch (StoreException outage) {
                LOG.warnf("job %s image %d waits: %s", submission.job(), index, outage.getMessage());
                pause(Dependency.STORE, outages);
                if (!left().isPositive()) {
                    throw new DeadlineReached();
                }
            }
        }
    }

    private void stepped(Progress step) {
        if (!left().isPositive()) {
            throw new DeadlineReached();
        }
        progress.at(step.stage().name().toLowerCase(Locale.ROOT), step.step(), step.steps());
    }

    private void pause(Dependency dependency, int outages) throws InterruptedException {
        workshop.metrics().waited(dependency);
        Duration pause = workshop.backoff().afterFailures(outages);
        Thread.sleep(pause.compareTo(left()) < 0 ? pause : left());
    }

    private Duration left() {
        return Duration.between(workshop.clock().instant(), submission.deadline());
    }

    private Attempt againOrFail(JobState.Running running, Failure.Code code, RuntimeException error) {
        LOG.warnf("job %s image %d attempt %d: %s", submission.job(), index, running.attempt(), error.getMessage());
        return running.mayRetry() ? new Attempt.Again(running.retry()) : fail(running, code, error.getMessage());
    }

    private static Attempt fail(JobState.Running running, Failure.Code code, @Nullable String message) {
        String told = String.valueOf(message);
        return over(running.fail(new Failure(code, told.substring(0, Math.min(told.length(), LONGEST_MESSAGE)))));
    }

    private static Attempt over(JobState.Terminal state) {
        return new Attempt.Over(new Ended(state));
    }

    private void measure(Image image, Duration encode, Duration upload) {
        EngineMetrics metrics = workshop.metrics();
        metrics.imageStored();
        metrics.stage("stage_c", image.timings().stageC());
        metrics.stage("stage_b", image.timings().stageB());
        metrics.stage("stage_a", image.timings().stageA());
        metrics.stage("encode", encode);
        metrics.stage("upload", upload);
    }
}
