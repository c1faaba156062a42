package io.wurstwerk.worker.scheduling;

import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.OutputTensor;
import java.util.List;

/** Where a request's one answer goes; called once, on a thread of the scheduler or of whoever cancels. */
public interface Completion {
    /** The outputs asked for, in config order. */
    void succeeded(List<OutputTensor> outputs);

    /** Why there is none. */
    void failed(InferenceException failure);
}
