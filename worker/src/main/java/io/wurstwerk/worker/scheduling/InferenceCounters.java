package io.wurstwerk.worker.scheduling;

import io.wurstwerk.worker.engine.Execution;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What one model version has done since it was loaded, counted as Triton counts it. Thread-safe. */
public final class InferenceCounters {
    /** Why a request that was accepted has no answer; the label values of Triton's failure metric. */
    public enum FailureReason {
        REJECTED,
        CANCELED,
        BACKEND,
        OTHER
    }

    /** How often, and how long in total. */
    public record Total(long count, long nanos) {
        /** Nothing yet. */
        public static final Total NONE = new Total(0, 0);

        Total plus(long moreNanos) {
            return new Total(count + 1, nanos + moreNanos);
        }
    }

    /** Executions of one batch size. */
    public record BatchTotals(Total input, Total infer, Total output) {}

    /**
     * The counts at one moment.
     *
     * @param lastInferenceMillis wall clock of the last request, milliseconds since 1970; 0 before the first
     * @param inferences items inferred
     * @param executions executions, each of one or more requests
     */
    public record Snapshot(
            long lastInferenceMillis,
            long inferences,
            long executions,
            Total success,
            Total fail,
            Total queue,
            Total input,
            Total infer,
            Total output,
            SortedMap<Integer, BatchTotals> batches,
            Map<FailureReason, Long> failures) {}

    private long lastInferenceMillis;
    private long inferences;
    private long executions;
    private Total success = Total.NONE;
    private Total fail = Total.NONE;
    private Total queue = Total.NONE;
    private Total input = Total.NONE;
    private Total infer = Total.NONE;
    private Total output = Total.NONE;
    private final SortedMap<Integer, BatchTotals> batches = new TreeMap<>();
    private final Map<FailureReason, Long> failures = new EnumMap<>(FailureReason.class);

    /** The counts now. */
    public synchronized Snapshot snapshot() {
        return new Snapshot(
                lastInferenceMillis,
                inferences,
                executions,
                success,
                fail,
                queue,
                input,
                infer,
                output,
                new TreeMap<>(batches),
                new EnumMap<>(failures));
    }

    synchronized void executed(int items, Execution execution) {
        executions++;
        BatchTotals before = batches.getOrDefault(items, new BatchTotals(Total.NONE, Total.NONE, Total.NONE));
        batches.put(
                items,
                new BatchTotals(
                        before.input().plus(execution.inputNanos()),
                        before.infer().plus(execution.inferNanos()),
                        before.output().plus(execution.outputNanos())));
    }

    synchronized void succeeded(int items, long totalNanos, long queuedNanos, Execution execution, long nowMillis) {
        lastInferenceMillis = Math.max(lastInferenceMillis, nowMillis);
        inferences += items;
        success = success.plus(totalNanos);
        queue = queue.plus(queuedNanos);
        input = input.plus(execution.inputNanos());
        infer = infer.plus(execution.inferNanos());
        output = output.plus(execution.outputNanos());
    }

    synchronized void failed(FailureReason reason, long totalNanos) {
        fail = fail.plus(totalNanos);
        failures.merge(reason, 1L, Long::sum);
    }
}
