package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.Intake;
import io.wurstwerk.orchestrator.tenancy.Quotas;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.orchestrator.view.ViewedJob;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests and turns them into prompt events. Judges them first, by the rules of intake, so that a wrong one is
 * refused to its sender's face; a right one goes the way of every event.
 */
final class Reception {

    /** The CloudEvents source of what comes in here. With the tenant and the key it makes a job's name. */
    static final String SOURCE = "http:/v1/images";

    private static final Duration CONFLICT_PATIENCE = Duration.ofSeconds(2);
    private static final String KEY_SHAPE = "[!-~]{1,255}";

    private final Intake intake;
    private final JobView view;
    private final Requests requests;
    private final Quotas quotas;
    private final RandomGenerator random;
    private final int openJobs;
    private final Semaphore waiting;

    /**
     * @param openJobs most open jobs of all tenants
     * @param waiting most requests that wait for a job's end at once
     */
    Reception(
            Intake intake,
            JobView view,
            Requests requests,
            Quotas quotas,
            RandomGenerator random,
            int openJobs,
            int waiting) {
        this.intake = intake;
        this.view = view;
        this.requests = requests;
        this.quotas = quotas;
        this.random = random;
        this.openJobs = openJobs;
        this.waiting = new Semaphore(waiting);
    }

    /**
     * What became of a request.
     *
     * @param job as its tenant sees it
     * @param ended whether it has its answer
     * @param waited whether a wish to wait was heard
     */
    record Receipt(JobId id, ObjectNode job, boolean ended, boolean waited) {}

    /**
     * Submits a request.
     *
     * @param key the sender's name for this wish; null for a new one
     * @param wait how long to wait for the job's end; zero for not at all
     * @throws RefusedException when it is not submitted
     */
    Receipt submit(String tenant, @Nullable String key, byte[] body, Duration wait) throws InterruptedException {
        if (key != null && !key.matches(KEY_SHAPE)) {
            throw RefusedException.invalid(
                    List.of(new Problem("Idempotency-Key", "must have 1 to 255 visible ASCII characters")));
        }
        Origin origin = new Origin(tenant, SOURCE, key == null ? randomKey() : key);
        Submission.Ordered order = foresee(origin, body);
        quotas.submit(tenant).ifPresent(until -> {
            throw RefusedException.later(
                    HttpError.QUOTA_EXCEEDED, "the tenant has submitted too much in the last minute", until);
        });
        boolean send = admitted(order);
        if (send) {
            send(origin, body, order.job());
        }
        if (send && key != null) {
            // Somebody else may have been faster under this name; the topic's order decides.
            Optional<ViewedJob> told = view.await(tenant, order.job(), job -> !job.provisional(), CONFLICT_PATIENCE);
            told.flatMap(ViewedJob::body).ifPresent(first -> requireSame(first, order.body()));
        }
        return receipt(tenant, order.job(), wait);
    }

    /**
     * Judges a request as intake will.
     *
     * @throws RefusedException when intake would refuse it, or cannot judge yet
     */
    Submission.Ordered foresee(Origin origin, byte[] body) {
        Submission foreseen;
        try {
            foreseen = intake.foresee(origin, body);
        } catch (IllegalStateException noModels) {
            throw RefusedException.unavailable("the models have not been reached yet");
        }
        return switch (foreseen) {
            case Submission.Ordered order -> order;
            case Submission.Refused refused -> throw RefusedException.of(refused.rejection());
        };
    }

    /** The origin of a request that nobody has named. */
    Origin nameless(String tenant) {
        return new Origin(tenant, SOURCE, randomKey());
    }

    /**
     * A job as soon as it has ended, or as it is when the time is over.
     *
     * @param wait zero for now
     */
    Receipt receipt(String tenant, JobId id, Duration wait) throws InterruptedException {
        boolean waits = !wait.isZero() && waiting.tryAcquire();
        try {
            Optional<ViewedJob> ended = waits ? view.await(tenant, id, Reception::hasAnswer, wait) : Optional.empty();
            ViewedJob job = ended.or(() -> view.find(tenant, id)).orElseThrow(RefusedException::unknownJob);
            return new Receipt(id, view.render(job), hasAnswer(job), waits);
        } finally {
            if (waits) {
                waiting.release();
            }
        }
    }

    private static boolean hasAnswer(ViewedJob job) {
        return job.answer() != null;
    }

    /** @return whether the event is to be sent; not where the topic has it already */
    private boolean admitted(Submission.Ordered order) {
        String tenant = order.origin().tenant();
        return switch (view.admit(order, quotas.openJobs(), openJobs)) {
            case TAKEN -> true;
            case KNOWN -> {
                ViewedJob known = view.find(tenant, order.job()).orElseThrow(RefusedException::unknownJob);
                known.body().ifPresent(first -> requireSame(first, order.body()));
                yield known.provisional();
            }
            case TENANT_FULL ->
                throw RefusedException.later(
                        HttpError.QUOTA_EXCEEDED,
                        "the tenant has " + quotas.openJobs() + " open jobs, which is as many as it may have",
                        view.untilRoom());
            case QUEUE_FULL ->
                throw RefusedException.later(
                        HttpError.QUEUE_FULL, "as many jobs are open as this installation holds", view.untilRoom());
        };
    }

    private void send(Origin origin, byte[] body, JobId job) {
        boolean sent = false;
        try {
            requests.submit(origin, body);
            sent = true;
        } finally {
            if (!sent) {
                view.withdraw(job);
            }
        }
    }

    private static void requireSame(BodyHash first, BodyHash asked) {
        if (!first.equals(asked)) {
            throw RefusedException.of(
                    HttpError.CONFLICT, "this Idempotency-Key was used for another body; give a new wish a new key");
        }
    }

    private String randomKey() {
        byte[] key = new byte[16];
        random.nextBytes(key);
        return HexFormat.of().formatHex(key);
    }
}
