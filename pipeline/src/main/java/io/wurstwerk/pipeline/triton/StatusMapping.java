package io.wurstwerk.pipeline.triton;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.wurstwerk.pipeline.certificate.Refusal;
import org.jspecify.annotations.Nullable;

/** The one place where gRPC statuses become exceptions of this package. */
final class StatusMapping {
    /** The names that an orchestrator has for what a library's user hands in as files. */
    private static final Refusal CERTIFICATES =
            new Refusal("wurstwerk.triton.tls.ca", "wurstwerk.triton.tls.certificate");

    private StatusMapping() {}

    /**
     * @param call what was asked of whom, for the message
     * @param trace of the call
     * @param secured whether the connection is one with TLS
     */
    static TritonException exception(StatusRuntimeException failure, String call, CallTrace trace, boolean secured) {
        Status status = failure.getStatus();
        String message = call + " failed: " + status.getCode()
                + CERTIFICATES
                        .explain(failure)
                        .filter(_ -> secured)
                        .map(reason -> ": " + reason)
                        .orElseGet(() -> describe(status));
        return switch (status.getCode()) {
            // NOT_FOUND is what a server says of its models while they are reloaded.
            case UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED, NOT_FOUND ->
                new TritonUnavailableException(message, failure, trace.lost(status));
            case INTERNAL, UNKNOWN, DATA_LOSS, ABORTED -> new TritonModelException(message, failure);
            case OK,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    UNAUTHENTICATED -> new TritonRequestException(message, failure);
        };
    }

    private static String describe(Status status) {
        String description = status.getDescription();
        String cause = rootMessage(status.getCause());
        if (description == null) {
            return cause == null ? "" : ": " + cause;
        }
        return ": " + description + (cause == null || description.contains(cause) ? "" : " (" + cause + ")");
    }

    private static @Nullable String rootMessage(@Nullable Throwable cause) {
        String message = null;
        for (Throwable t = cause; t != null; t = t.getCause()) {
            message = t.getMessage() == null ? message : t.getMessage();
        }
        return message;
    }
}
