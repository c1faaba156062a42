package io.wurstwerk.worker.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.grpc.Status;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.worker.config.ConfigCompletion;
import io.wurstwerk.worker.config.ElementType;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.TensorSpec;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.engine.Execution;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.inference.InputTensor;
import io.wurstwerk.worker.inference.OutputTensor;
import io.wurstwerk.worker.scheduling.InferenceCounters.FailureReason;
import io.wurstwerk.worker.scheduling.InferenceCounters.Total;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue with an engine that does what the test says and a clock that stands still. */
@Timeout(60)
class SchedulerTest {
    private static final TensorSpec X = new TensorSpec("x", ElementType.FP32, List.of(-1L), List.of(-1L), false);

    private final AtomicLong nanos = new AtomicLong(1_000);
    private final Semaphore entered = new Semaphore(0);
    private final Semaphore gate = new Semaphore(0);
    private final AtomicInteger running = new AtomicInteger();
    private volatile Scheduler scheduler;

    private interface Behaviour {
        Execution execute(List<InferenceRequest> batch) throws InferenceException;
    }

    private Engine engine(Behaviour behaviour) {
        return new Engine() {
            @Override
            public Execution execute(List<InferenceRequest> batch) throws InferenceException {
                running.incrementAndGet();
                entered.release();
                gate.acquireUninterruptibly();
                running.decrementAndGet();
                return behaviour.execute(batch);
            }

            @Override
            public void abort() {
                gate.release(1000);
            }

            @Override
            public void close() {}
        };
    }

    private static Execution answered(List<InferenceRequest> batch) {
        return new Execution(
                batch.stream().map(request -> List.<OutputTensor>of()).toList(), 10, 200, 3_000);
    }

    private Scheduler start(String config, QueueLimits limits, Behaviour behaviour) throws Exception {
        ModelConfig written = TextFormat.parse(
                "max_batch_size: 8 input { name: \"x\" data_type: TYPE_FP32 dims: -1 } " + config, ModelConfig.class);
        ModelSpec model = ModelSpec.of(ConfigCompletion.complete(written, "m"));
        scheduler = new Scheduler(
                model,
                engine(behaviour),
                limits,
                new Scheduler.Surroundings(
                        Thread.ofPlatform().daemon().factory(),
                        nanos::get,
                        InstantSource.fixed(Instant.ofEpochMilli(1_795_000_000_000L))));
        scheduler.start();
        return scheduler;
    }

    private Scheduler start(Behaviour behaviour) throws Exception {
        return start("instance_group { count: 1 }", new QueueLimits(10, 1000), behaviour);
    }

    @AfterEach
    void stop() throws InterruptedException {
        scheduler.abandon();
        assertThat(scheduler.awaitDrained(Duration.ofSeconds(30))).isTrue();
    }

    private InferenceRequest request(String id, int batch) {
        return new InferenceRequest(
                id,
                batch,
                List.of(new InputTensor(X, List.of((long) batch, 2L), ByteString.copyFrom(new byte[8 * batch]))),
                List.of());
    }

    private CompletableFuture<List<OutputTensor>> submit(String id, int batch) throws InferenceException {
        CompletableFuture<List<OutputTensor>> answer = new CompletableFuture<>();
        scheduler.submit(request(id, batch), completing(answer));
        return answer;
    }

    private static Completion completing(CompletableFuture<List<OutputTensor>> answer) {
        return new Completion() {
            @Override
            public void succeeded(List<OutputTensor> outputs) {
                answer.complete(outputs);
            }

            @Override
            public void failed(InferenceException failure) {
                answer.completeExceptionally(failure);
            }
        };
    }

    private static InferenceException failure(CompletableFuture<?> answer) throws InterruptedException {
        try {
            answer.get();
            throw new AssertionError("answered");
        } catch (ExecutionException e) {
            return (InferenceException) e.getCause();
        }
    }

    @Test
    void durationsAndCountsAreThoseOfRequestsAndExecutions() throws Exception {
        start("instance_group { count: 1 } dynamic_batching { }", new QueueLimits(10, 1000), batch -> {
            nanos.addAndGet(5_000);
            return answered(batch);
        });
        var first = submit("first", 1);
        entered.acquire();
        nanos.addAndGet(100);
        var second = submit("second", 2);
        var third = submit("third", 1);
        nanos.addAndGet(700);
        gate.release(2);
        first.get();
        second.get();
        third.get();
        scheduler.stopAccepting();
        assertThat(scheduler.awaitDrained(Duration.ofSeconds(30))).isTrue();
        InferenceCounters.Snapshot counts = scheduler.counters().snapshot();
        assertThat(counts.inferences()).isEqualTo(4);
        assertThat(counts.executions()).isEqualTo(2);
        assertThat(counts.lastInferenceMillis()).isEqualTo(1_795_000_000_000L);
        assertThat(counts.success()).isEqualTo(new Total(3, 5_800 + 2 * (700 + 5_000 + 5_000)));
        assertThat(counts.queue()).isEqualTo(new Total(3, 2 * (700 + 5_000)));
        assertThat(counts.input()).isEqualTo(new Total(3, 30));
        assertThat(counts.infer()).isEqualTo(new Total(3, 600));
        assertThat(counts.output()).isEqualTo(new Total(3, 9_000));
        assertThat(counts.batches().keySet()).containsExactly(1, 3);
        assertThat(counts.batches().get(3).infer()).isEqualTo(new Total(1, 200));
        assertThat(counts.failures()).isEmpty();
    }

    @Test
    void anEngineThatThrowsFailsItsBatchAndTheNextOneRuns() throws Exception {
        AtomicInteger executions = new AtomicInteger();
        start(batch -> {
            switch (executions.incrementAndGet()) {
                case 1 -> throw new InferenceException(Status.Code.INTERNAL, "the graph failed");
                case 2 -> throw new IllegalStateException("a bug");
                case 3 -> throw new OutOfMemoryError("no room");
                default -> {
                    return answered(batch);
                }
            }
        });
        gate.release(4);
        assertThat(failure(submit("a", 1))).hasMessage("the graph failed");
        InferenceException bug = failure(submit("b", 1));
        assertThat(bug).hasMessage("execution of model 'm' failed: java.lang.IllegalStateException: a bug");
        assertThat(bug.code()).isEqualTo(Status.Code.INTERNAL);
        assertThat(failure(submit("c", 1)).code()).isEqualTo(Status.Code.INTERNAL);
        assertThat(submit("d", 1).get()).isEmpty();
        assertThat(scheduler.counters().snapshot().failures()).containsEntry(FailureReason.BACKEND, 3L);
        assertThat(scheduler.counters().snapshot().executions()).isEqualTo(1);
    }

    @Test
    void aCompletionThatThrowsDoesNotStopTheInstance() throws Exception {
        start(SchedulerTest::answered);
        gate.release(2);
        scheduler.submit(request("a", 1), new Completion() {
            @Override
            public void succeeded(List<OutputTensor> outputs) {
                throw new IllegalStateException("the caller is gone");
            }

            @Override
            public void failed(InferenceException failure) {}
        });
        assertThat(submit("b", 1).get(30, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void everyInstanceExecutesAtTheSameTime() throws Exception {
        start("instance_group [ { count: 2 }, { count: 1 } ]", new QueueLimits(10, 1000), SchedulerTest::answered);
        for (int i = 0; i < 4; i++) {
            submit("r" + i, 1);
        }
        entered.acquire(3);
        assertThat(running.get()).isEqualTo(3);
        assertThat(scheduler.pending()).isEqualTo(1);
        gate.release(4);
    }

    @Test
    void orderedAnswersNeedOneInstance() throws Exception {
        start(
                "instance_group { count: 3 } dynamic_batching { preserve_ordering: true preferred_batch_size: 1 }",
                new QueueLimits(10, 1000),
                SchedulerTest::answered);
        submit("a", 1);
        entered.acquire();
        submit("b", 1);
        assertThat(scheduler.pending()).isEqualTo(1);
        gate.release(2);
    }

    @Test
    void theBytesThatWaitAreBoundedButAnEmptyQueueTakesAnything() throws Exception {
        start("instance_group { count: 1 }", new QueueLimits(10, 20), SchedulerTest::answered);
        submit("running", 4);
        entered.acquire();
        submit("large", 4);
        assertThatThrownBy(() -> submit("more", 1))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE))
                .hasMessage("[request id: more] Exceeds maximum queue size");
        gate.release(2);
    }

    @Test
    void theConfiguredQueueSizeIsTheLimit() throws Exception {
        start(
                "instance_group { count: 1 } dynamic_batching { default_queue_policy { max_queue_size: 1 } }",
                new QueueLimits(10, 1000),
                SchedulerTest::answered);
        submit("running", 1);
        entered.acquire();
        submit("waiting", 1);
        assertThatThrownBy(() -> submit("", 1)).hasMessage("[request id: <id_unknown>] Exceeds maximum queue size");
        gate.release(2);
    }

    @Test
    void aDelayedBatchGoesWhenItHasItsPreferredSize() throws Exception {
        start(
                "instance_group { count: 1 } dynamic_batching { preferred_batch_size: 4"
                        + " max_queue_delay_microseconds: 3600000000 }",
                new QueueLimits(10, 1000),
                SchedulerTest::answered);
        gate.release(1);
        var first = submit("a", 2);
        assertThat(scheduler.pending()).isEqualTo(1);
        var second = submit("b", 2);
        first.get();
        second.get();
        assertThat(scheduler.counters().snapshot().executions()).isEqualTo(1);
    }

    @Test
    void stoppingDoesNotWaitForAFullerBatch() throws Exception {
        start(
                "instance_group { count: 1 } dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                new QueueLimits(10, 1000),
                SchedulerTest::answered);
        gate.release(1);
        var answer = submit("a", 2);
        scheduler.stopAccepting();
        assertThat(answer.get()).isEmpty();
        assertThatThrownBy(() -> submit("late", 1))
                .hasMessage("[request id: late] Server is stopping, scheduler for model has stopped accepting new"
                        + " inference requests");
    }

    @Test
    void cancellingFailsWhatWaitsOnceAndLeavesWhatRunsAlone() throws Exception {
        start(SchedulerTest::answered);
        CompletableFuture<List<OutputTensor>> running = new CompletableFuture<>();
        Scheduler.Cancellation tooLate = scheduler.submit(request("a", 1), completing(running));
        entered.acquire();
        CompletableFuture<List<OutputTensor>> waiting = new CompletableFuture<>();
        Scheduler.Cancellation inTime = scheduler.submit(request("b", 1), completing(waiting));
        inTime.cancel();
        inTime.cancel();
        tooLate.cancel();
        gate.release(2);
        assertThat(running.get()).isEmpty();
        assertThat(failure(waiting).code()).isEqualTo(Status.Code.CANCELLED);
        assertThat(scheduler.counters().snapshot().failures())
                .containsEntry(FailureReason.CANCELED, 1L)
                .hasSize(1);
    }

    @Test
    void abandoningFailsWhatWaits() throws Exception {
        start(SchedulerTest::answered);
        submit("running", 1);
        entered.acquire();
        var waiting = submit("waiting", 1);
        scheduler.abandon();
        assertThat(failure(waiting)).hasMessage("[request id: waiting] Server exiting");
        assertThat(failure(waiting).code()).isEqualTo(Status.Code.UNAVAILABLE);
    }
}
