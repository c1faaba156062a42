package io.wurstwerk.worker.protocol;

import io.grpc.stub.StreamObserver;
import io.wurstwerk.worker.inference.InferenceException;

/** Answering a unary call with a value or a status. */
final class Answers {
    private Answers() {}

    /** Computes an answer or a refusal. */
    interface Answer<T> {
        T get() throws InferenceException;
    }

    static <T> void send(StreamObserver<T> response, Answer<T> answer) {
        T value;
        try {
            value = answer.get();
        } catch (InferenceException e) {
            response.onError(e.status().asRuntimeException());
            return;
        }
        response.onNext(value);
        response.onCompleted();
    }
}
