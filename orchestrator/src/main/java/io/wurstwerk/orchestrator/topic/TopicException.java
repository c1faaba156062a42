package io.wurstwerk.orchestrator.topic;

import java.io.Serial;

/** The topics cannot be used as they are, or no broker could be asked. */
public final class TopicException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    TopicException(String message) {
        super(message);
    }

    TopicException(String message, Throwable cause) {
        super(message, cause);
    }
}
