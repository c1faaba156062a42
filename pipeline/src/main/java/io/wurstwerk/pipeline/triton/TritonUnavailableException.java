package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.Nullable;

/**
 * The server cannot be reached, is stopping, does not have the model loaded just now, or did not answer in time. Retry,
 * here later or elsewhere at once.
 */
public final class TritonUnavailableException extends TritonException {
    private final boolean lost;

    TritonUnavailableException(String message, @Nullable Throwable cause, boolean lost) {
        super(message, cause);
        this.lost = lost;
    }

    /**
     * Whether the connection broke while the server had the call, without a word from it: it may have died of the call.
     * False where it refused the call, was not reached, or said that it is stopping.
     */
    public boolean lost() {
        return lost;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
