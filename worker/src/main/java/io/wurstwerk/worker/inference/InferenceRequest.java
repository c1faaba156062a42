package io.wurstwerk.worker.inference;

import io.wurstwerk.worker.config.TensorSpec;
import java.util.List;

/**
 * A request that fits its model.
 *
 * @param id the caller's id, echoed; may be empty
 * @param batchSize items of the request; 0 where the model does not batch
 * @param inputs the inputs that are there, in config order
 * @param outputs the outputs asked for, in config order
 */
public record InferenceRequest(String id, int batchSize, List<InputTensor> inputs, List<TensorSpec> outputs) {
    public InferenceRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** How much of a batch this request fills. */
    public int items() {
        return Math.max(1, batchSize);
    }

    /** Raw bytes of all inputs. */
    public long bytes() {
        long bytes = 0;
        for (InputTensor input : inputs) {
            bytes += input.contents().size();
        }
        return bytes;
    }

    /** Whether both can run in one execution: the same inputs with equal shapes per item. */
    public boolean stacksWith(InferenceRequest other) {
        if (inputs.size() != other.inputs.size()) {
            return false;
        }
        for (int i = 0; i < inputs.size(); i++) {
            InputTensor mine = inputs.get(i);
            InputTensor theirs = other.inputs.get(i);
            List<Long> shape = mine.shape();
            if (!mine.spec().name().equals(theirs.spec().name())
                    || !shape.subList(1, shape.size())
                            .equals(theirs.shape().subList(1, theirs.shape().size()))) {
                return false;
            }
        }
        return true;
    }

    /** How server messages about a request begin. */
    public static String tag(String id) {
        return "[request id: " + (id.isEmpty() ? "<id_unknown>" : id) + "] ";
    }
}
