package io.wurstwerk.worker.engine;

import io.wurstwerk.worker.inference.OutputTensor;
import java.util.List;

/**
 * What one execution gave.
 *
 * @param answers for each request of the batch, in order, the outputs it asked for
 * @param inputNanos time spent gathering inputs
 * @param inferNanos time spent in the graph
 * @param outputNanos time spent handing out outputs
 */
public record Execution(List<List<OutputTensor>> answers, long inputNanos, long inferNanos, long outputNanos) {
    public Execution {
        answers = List.copyOf(answers);
    }
}
