package io.wurstwerk.orchestrator.store;

import java.io.Serial;

/** The store did not do as asked. Whatever the reason, waiting is right: the image is drawn and its place is known. */
public final class StoreException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    StoreException(String message) {
        super(message);
    }
}
