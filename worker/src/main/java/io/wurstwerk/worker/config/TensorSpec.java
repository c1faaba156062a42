package io.wurstwerk.worker.config;

import java.util.List;

/**
 * One declared input or output.
 *
 * @param name tensor name, the same on the wire and in the graph
 * @param type element type on the wire
 * @param dims shape of one item on the wire, without the batch dimension; -1 where requests choose
 * @param graphDims shape of one item in the graph: the config's {@code reshape}, or {@code dims} where it has none
 * @param optional whether a request may leave this input out
 */
public record TensorSpec(String name, ElementType type, List<Long> dims, List<Long> graphDims, boolean optional) {
    public TensorSpec {
        dims = List.copyOf(dims);
        graphDims = List.copyOf(graphDims);
    }
}
