package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.ImageOutcome.Ended;
import io.wurstwerk.orchestrator.engine.ImageOutcome.Stored;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.pipeline.StageTimings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A job's images, each on a virtual thread of its own, and what they come to together. */
final class JobRun {

    private final Workshop workshop;
    private final JobState.Accepted accepted;
    private final SharedConditioning conditioning;

    JobRun(Workshop workshop, JobState.Accepted accepted) {
        this.workshop = workshop;
        this.accepted = accepted;
        this.conditioning = new SharedConditioning(
                ImageRequests.prompt(accepted.submission().order()));
    }

    /** @throws InterruptedException when the job is given up; its images have then stopped */
    JobState.Terminal run() throws InterruptedException {
        var threads = Thread.ofVirtual().name("image-" + accepted.job().value().substring(0, 8) + "-", 0);
        ExecutorService images = Executors.newThreadPerTaskExecutor(threads.factory());
        try {
            return outcome(images);
        } finally {
            images.shutdownNow();
            images.close();
        }
    }

    private JobState.Terminal outcome(ExecutorService images) throws InterruptedException {
        int count = accepted.submission().order().images();
        CompletionService<ImageOutcome> outcomes = new ExecutorCompletionService<>(images);
        for (int i = 0; i < count; i++) {
            var run = new ImageRun(workshop, accepted, i, conditioning);
            var _ = outcomes.submit(run::run);
        }
        var stored = new ArrayList<Stored>();
        while (stored.size() < count) {
            switch (next(outcomes)) {
                case Stored image -> stored.add(image);
                case Ended ended -> {
                    return ended.state();
                }
            }
        }
        stored.sort(Comparator.comparingInt(one -> one.image().index()));
        workshop.metrics().stage("text", conditioning.took());
        return accepted.start().complete(drawing(stored));
    }

    private static ImageOutcome next(CompletionService<ImageOutcome> outcomes) throws InterruptedException {
        try {
            return outcomes.take().get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof InterruptedException) {
                throw new InterruptedException("an image of the job was given up");
            }
            throw new IllegalStateException("an image ended without an outcome", failed.getCause());
        }
    }

    private Drawing drawing(List<Stored> stored) {
        ImageOrder order = accepted.submission().order();
        return new Drawing(
                order.prior(),
                order.width(),
                order.height(),
                stored.getFirst().promptTruncated(),
                stored.getFirst().pipeline(),
                stored.stream().map(Stored::image).toList(),
                timings(stored));
    }

    private Timings timings(List<Stored> stored) {
        Instant submitted = accepted.submission().submittedAt();
        Instant first = stored.stream()
                .map(Stored::startedAt)
                .min(Comparator.naturalOrder())
                .orElse(submitted);
        return new Timings(
                Duration.between(submitted, first),
                conditioning.took(),
                sum(stored, StageTimings::stageC),
                sum(stored, StageTimings::stageB),
                sum(stored, StageTimings::stageA),
                stored.stream().map(Stored::encode).reduce(Duration.ZERO, Duration::plus),
                stored.stream().map(Stored::upload).reduce(Duration.ZERO, Duration::plus),
                Duration.between(submitted, workshop.clock().instant()));
    }

    private static Duration sum(List<Stored> stored, Function<StageTimings, Duration> stage) {
        return stored.stream().map(Stored::stages).map(stage).reduce(Duration.ZERO, Duration::plus);
    }
}
