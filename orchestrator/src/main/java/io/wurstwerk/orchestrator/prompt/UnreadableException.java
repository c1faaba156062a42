package io.wurstwerk.orchestrator.prompt;

import java.io.Serial;

/** These bytes are not what they should be. The message is for the sender and never quotes the bytes. */
final class UnreadableException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
        super(message);
    }
}
