package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.Nullable;

/**
 * The server cannot be reached, is stopping, does not have the model loaded just now, or did not answer in time. Retry,
 * here later or elsewhere at once.
 */
public final class TritonUnavailableException extends TritonException {
    TritonUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
