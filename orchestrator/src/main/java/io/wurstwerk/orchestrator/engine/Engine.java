package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Accepts each submission once and sees it to its one answer. Where submissions come from and how their offsets are kept
 * is not its business.
 */
final class Engine {

    private static final Duration SHORTEST_SLEEP = Duration.ofMillis(10);

    private final Workshop workshop;
    private final Finish finish;
    private final JobIndex index;
    private final int capacity;
    private final Set<OpenJob> open = ConcurrentHashMap.newKeySet();

    /** @param capacity open jobs from which on no more should be submitted */
    Engine(Workshop workshop, Finish finish, JobIndex index, int capacity) {
        this.workshop = workshop;
        this.finish = finish;
        this.index = index;
        this.capacity = capacity;
    }

    boolean full() {
        return open.size() >= capacity;
    }

    /** Submissions being worked on. */
    int open() {
        return open.size();
    }

    /**
     * Takes a submission up.
     *
     * @param finished runs once nothing is owed any more, on any thread; never when the job is abandoned
     * @return what can be abandoned; empty for one that is finished already
     */
    Optional<Ownership> submit(Submission submission, Runnable finished) {
        var submitted = new JobState.Submitted(submission);
        return switch (index.see(submission.job(), submission.body())) {
            case FIRST -> Optional.of(first(submitted, finished));
            case SAME_BODY -> {
                workshop.metrics().duplicate();
                finished.run();
                yield Optional.empty();
            }
            case OTHER_BODY -> conflict(submitted, finished);
        };
    }

    private Ownership first(JobState.Submitted submitted, Runnable finished) {
        return switch (submitted.submission()) {
            case Submission.Ordered ordered -> {
                JobState.Accepted accepted = submitted.accept(ordered);
                workshop.metrics().accepted();
                yield begin(accepted.job(), () -> new JobRun(workshop, accepted).run(), finished);
            }
            case Submission.Refused refused ->
                begin(refused.job(), () -> submitted.reject(refused.rejection()), finished);
        };
    }

    private Optional<Ownership> conflict(JobState.Submitted submitted, Runnable finished) {
        JobState.Rejected rejected = submitted.conflict();
        return switch (index.see(rejected.job(), submitted.submission().body())) {
            case FIRST -> Optional.of(begin(rejected.job(), () -> rejected, finished));
            case SAME_BODY, OTHER_BODY -> {
                workshop.metrics().duplicate();
                finished.run();
                yield Optional.empty();
            }
        };
    }

    private Ownership begin(JobId id, Callable<JobState.Terminal> work, Runnable finished) {
        var self = new OpenJob[1];
        var job = new OpenJob("job-" + id, work, finish, finished, () -> {
            open.remove(self[0]);
            workshop.metrics().jobClosed();
        });
        self[0] = job;
        open.add(job);
        workshop.metrics().jobOpened();
        job.start();
        return () -> {
            // Forgotten before it is interrupted: the next owner of the partition may be this very process.
            if (job.abandon()) {
                index.forget(id);
            }
        };
    }

    /** The right to give a job up. */
    interface Ownership {
        void abandon();
    }

    /** Gives everything up; answers on their way get a moment. */
    void stop(Duration grace) throws InterruptedException {
        open.forEach(OpenJob::abandon);
        for (Duration left = grace; left.isPositive() && !open.isEmpty(); left = left.minus(SHORTEST_SLEEP)) {
            Thread.sleep(SHORTEST_SLEEP);
        }
        open.forEach(OpenJob::interrupt);
    }
}
