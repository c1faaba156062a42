package io.wurstwerk.worker.scheduling;

/**
 * How much may wait in front of one model. A request that finds the queue empty is always taken.
 *
 * @param requests most waiting requests where the model's configuration sets no {@code max_queue_size}
 * @param bytes most bytes of their inputs together
 */
public record QueueLimits(int requests, long bytes) {
    public QueueLimits {
        if (requests < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "queue limits must be positive: " + requests + " requests, " + bytes + " bytes");
        }
    }
}
