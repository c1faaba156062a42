package io.wurstwerk.pipeline.triton;

import org.jspecify.annotations.Nullable;

/**
 * The model failed, or answered something that is not what its configuration declares. One more try on another server
 * is worth it, more are not: so not {@link #retryable() retryable}.
 */
public final class TritonModelException extends TritonException {
    TritonModelException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
