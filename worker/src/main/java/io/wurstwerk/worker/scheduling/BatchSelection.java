package io.wurstwerk.worker.scheduling;

import io.wurstwerk.worker.config.BatchingPolicy;
import io.wurstwerk.worker.inference.InferenceRequest;
import java.util.Iterator;

/**
 * Which of the waiting requests run next, decided as Triton's dynamic batcher does: in order of arrival, counted in
 * items, never splitting a request, never passing one over.
 *
 * @param take how many requests from the head of the queue; 0 means wait
 * @param waitNanos when waiting: decide again after this time even if nothing arrives
 */
record BatchSelection(int take, long waitNanos) {
    private static BatchSelection take(int requests) {
        return new BatchSelection(requests, 0);
    }

    /**
     * @param waiting the waiting requests, oldest first; not empty
     * @param oldestWaitedNanos how long the head has waited
     */
    static BatchSelection choose(BatchingPolicy policy, Iterator<InferenceRequest> waiting, long oldestWaitedNanos) {
        InferenceRequest first = waiting.next();
        if (!policy.dynamic()) {
            return take(1);
        }
        int requests = 1;
        int items = first.items();
        int preferred = policy.preferredItems().contains(items) ? 1 : 0;
        boolean closed = false;
        while (waiting.hasNext() && items < policy.maxItems()) {
            InferenceRequest next = waiting.next();
            if (items + next.items() > policy.maxItems() || !next.stacksWith(first)) {
                closed = true;
                break;
            }
            requests++;
            items += next.items();
            if (policy.preferredItems().contains(items)) {
                preferred = requests;
            }
        }
        if (preferred > 0) {
            return take(preferred);
        }
        long stillToWait = policy.maxDelayNanos() - oldestWaitedNanos;
        if (closed || items >= policy.largestPreferred() || stillToWait <= 0) {
            return take(requests);
        }
        return new BatchSelection(0, stillToWait);
    }
}
