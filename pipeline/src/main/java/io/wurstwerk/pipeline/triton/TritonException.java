package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.Nullable;

/** A call to the model server did not give an answer that can be used. The type says what can be done about it. */
public abstract sealed class TritonException extends RuntimeException
        permits TritonUnavailableException, TritonModelException, TritonRequestException {

    TritonException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether the same call may succeed later or on another server without anything being changed. */
    public abstract boolean retryable();
}
