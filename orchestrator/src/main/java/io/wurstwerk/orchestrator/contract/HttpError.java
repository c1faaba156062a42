package io.wurstwerk.orchestrator.contract;

/** The codes of refusals over HTTP, with the status that goes with each. The first four are also those of events. */
public enum HttpError {
    INVALID_REQUEST("invalid_request", 400),
    UNREADABLE("unreadable", 400),
    TOO_LARGE("too_large", 413),
    CONFLICT("conflict", 409),
    UNAUTHORIZED("unauthorized", 401),
    NOT_FOUND("not_found", 404),
    METHOD_NOT_ALLOWED("method_not_allowed", 405),
    NOT_ACCEPTABLE("not_acceptable", 406),
    UNSUPPORTED_MEDIA_TYPE("unsupported_media_type", 415),
    QUOTA_EXCEEDED("quota_exceeded", 429),
    QUEUE_FULL("queue_full", 429),
    TOO_MANY_WATCHERS("too_many_watchers", 429),
    INTERNAL("internal", 500),
    UNAVAILABLE("unavailable", 503),
    /** Where a connection cannot be held until the job ends. */
    NOT_FINISHED("not_finished", 504);

    private final String wire;
    private final int status;

    HttpError(String wire, int status) {
        this.wire = wire;
        this.status = status;
    }

    public String wire() {
        return wire;
    }

    public int status() {
        return status;
    }
}
