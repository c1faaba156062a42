package io.wurstwerk.worker.inference;

import io.grpc.Status;

/** A refusal or failure with the status code and message that the caller gets. */
public final class InferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Status.Code code;

    public InferenceException(Status.Code code, String message) {
        super(message);
        this.code = code;
    }

    public InferenceException(Status.Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The request itself is wrong. */
    public static InferenceException invalid(String message) {
        return new InferenceException(Status.Code.INVALID_ARGUMENT, message);
    }

    /** The status code that goes with the message. */
    public Status.Code code() {
        return code;
    }

    /** The failure as a gRPC status. */
    public Status status() {
        return code.toStatus().withDescription(getMessage());
    }
}
