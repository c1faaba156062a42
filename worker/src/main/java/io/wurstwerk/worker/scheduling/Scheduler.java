package io.wurstwerk.worker.scheduling;

import io.grpc.Status;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.engine.Execution;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.scheduling.InferenceCounters.FailureReason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One model's bounded queue and the threads, one per instance, that empty it in batches. */
public final class Scheduler {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

    /** Where threads and time come from. */
    public record Surroundings(ThreadFactory threads, LongSupplier nanoTime, InstantSource clock) {}

    private final ModelSpec model;
    private final Engine engine;
    private final QueueLimits limits;
    private final Surroundings surroundings;
    private final InferenceCounters counters = new InferenceCounters();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Pending> queue = new ArrayDeque<>();
    private final List<Thread> instances = new ArrayList<>();
    private long queuedBytes;
    private boolean stopping;

    public Scheduler(ModelSpec model, Engine engine, QueueLimits limits, Surroundings surroundings) {
        this.model = model;
        this.engine = engine;
        int configured = model.batching().maxQueued();
        this.limits = configured > 0 ? new QueueLimits(configured, limits.bytes()) : limits;
        this.surroundings = surroundings;
    }

    /** Starts the instances; requests may be submitted before. */
    public void start() {
        for (int i = 0; i < model.instances(); i++) {
            Thread instance = surroundings.threads().newThread(this::work);
            instance.setName("model-" + model.name() + "-" + i);
            instances.add(instance);
            instance.start();
        }
    }

    /** What this model has done. */
    public InferenceCounters counters() {
        return counters;
    }

    /** How many requests wait. */
    public int pending() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Queues a request. Its answer goes to {@code completion}.
     *
     * @return a handle that takes the request back while it waits
     * @throws InferenceException UNAVAILABLE when the queue is full or the server is stopping
     */
    public Cancellation submit(InferenceRequest request, Completion completion) throws InferenceException {
        Pending pending =
                new Pending(request, completion, surroundings.nanoTime().getAsLong());
        lock.lock();
        try {
            if (stopping) {
                throw unavailable(
                        request,
                        "Server is stopping, scheduler for model has stopped accepting new inference requests");
            }
            boolean full = queue.size() >= limits.requests()
                    || (!queue.isEmpty() && queuedBytes + request.bytes() > limits.bytes());
            if (full) {
                throw unavailable(request, "Exceeds maximum queue size");
            }
            queue.addLast(pending);
            queuedBytes += request.bytes();
            changed.signal();
        } finally {
            lock.unlock();
        }
        return () -> cancel(pending);
    }

    /** Accepts nothing more; what was accepted still runs. */
    public void stopAccepting() {
        lock.lock();
        try {
            stopping = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits, after {@link #stopAccepting}, until everything accepted has its answer and the instances have ended.
     *
     * @return false when that took longer than {@code limit}
     */
    public boolean awaitDrained(Duration limit) throws InterruptedException {
        long deadline = surroundings.nanoTime().getAsLong() + limit.toNanos();
        for (Thread instance : instances) {
            long left = deadline - surroundings.nanoTime().getAsLong();
            if (!instance.join(Duration.ofNanos(Math.max(1, left)))) {
                return false;
            }
        }
        return true;
    }

    /** Gives up what still waits and ends what runs, as far as the engine can. */
    public void abandon() {
        List<Pending> left;
        lock.lock();
        try {
            stopping = true;
            left = new ArrayList<>(queue);
            queue.clear();
            queuedBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Pending pending : left) {
            fail(pending, FailureReason.OTHER, unavailable(pending.request, "Server exiting"));
        }
        engine.abort();
    }

    private void cancel(Pending pending) {
        boolean removed;
        lock.lock();
        try {
            removed = queue.remove(pending);
            if (removed) {
                queuedBytes -= pending.request.bytes();
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        if (removed) {
            String message = InferenceRequest.tag(pending.request.id()) + "Request was cancelled";
            fail(pending, FailureReason.CANCELED, new InferenceException(Status.Code.CANCELLED, message));
        }
    }

    private void work() {
        while (true) {
            List<Pending> batch;
            try {
                batch = next();
            } catch (InterruptedException e) {
                LOG.error("an instance of model '{}' was interrupted and ends", model.name());
                return;
            }
            if (batch.isEmpty()) {
                return;
            }
            run(batch);
        }
    }

    /** The next batch; empty when the server is stopping and nothing is left. */
    private List<Pending> next() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (queue.isEmpty()) {
                    if (stopping) {
                        return List.of();
                    }
                    changed.await();
                    continue;
                }
                long waited = surroundings.nanoTime().getAsLong() - queue.getFirst().submittedNanos;
                BatchSelection selection =
                        BatchSelection.choose(model.batching(), requests(), stopping ? Long.MAX_VALUE : waited);
                if (selection.take() > 0) {
                    return take(selection.take());
                }
                changed.awaitNanos(selection.waitNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    private Iterator<InferenceRequest> requests() {
        return queue.stream().map(pending -> pending.request).iterator();
    }

    private List<Pending> take(int requests) {
        List<Pending> batch = new ArrayList<>(requests);
        for (int i = 0; i < requests; i++) {
            Pending pending = queue.removeFirst();
            queuedBytes -= pending.request.bytes();
            batch.add(pending);
        }
        if (!queue.isEmpty()) {
            changed.signal();
        }
        return batch;
    }

    private void run(List<Pending> batch) {
        long started = surroundings.nanoTime().getAsLong();
        Execution execution;
        try {
            execution = engine.execute(
                    batch.stream().map(pending -> pending.request).toList());
        } catch (InferenceException e) {
            LOG.warn("an execution of model '{}' failed: {}", model.name(), e.getMessage());
            batch.forEach(pending -> fail(pending, FailureReason.BACKEND, e));
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("an execution of model '{}' failed", model.name(), e);
            InferenceException failure = new InferenceException(
                    Status.Code.INTERNAL, "execution of model '" + model.name() + "' failed: " + e, e);
            batch.forEach(pending -> fail(pending, FailureReason.BACKEND, failure));
            return;
        }
        int items = batch.stream().mapToInt(pending -> pending.request.items()).sum();
        counters.executed(items, execution);
        for (int i = 0; i < batch.size(); i++) {
            Pending pending = batch.get(i);
            long total = surroundings.nanoTime().getAsLong() - pending.submittedNanos;
            counters.succeeded(
                    pending.request.items(),
                    total,
                    started - pending.submittedNanos,
                    execution,
                    surroundings.clock().millis());
            try {
                pending.completion.succeeded(execution.answers().get(i));
            } catch (RuntimeException e) {
                LOG.warn("an answer of model '{}' could not be delivered", model.name(), e);
            }
        }
    }

    private void fail(Pending pending, FailureReason reason, InferenceException failure) {
        counters.failed(reason, surroundings.nanoTime().getAsLong() - pending.submittedNanos);
        try {
            pending.completion.failed(failure);
        } catch (RuntimeException e) {
            LOG.warn("a failure of model '{}' could not be delivered", model.name(), e);
        }
    }

    private static InferenceException unavailable(InferenceRequest request, String message) {
        return new InferenceException(Status.Code.UNAVAILABLE, InferenceRequest.tag(request.id()) + message);
    }

    /** Takes a request back. */
    public interface Cancellation {
        /** Drops the request if it still waits, failing it as cancelled; a running one finishes. */
        void cancel();
    }

    private static final class Pending {
        private final InferenceRequest request;
        private final Completion completion;
        private final long submittedNanos;

        Pending(InferenceRequest request, Completion completion, long submittedNanos) {
            this.request = request;
            this.completion = completion;
            this.submittedNanos = submittedNanos;
        }
    }
}
