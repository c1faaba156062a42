package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.Nullable;

/** The server refuses what it was asked, or the answer is larger than this client takes. Never retry. */
public final class TritonRequestException extends TritonException {
    TritonRequestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
