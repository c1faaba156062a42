package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.job.Rejection;

/** Why a request over HTTP is not carried out; the codes stand in the catalogue of the contract. */
enum ErrorCode {
    INVALID_REQUEST("invalid_request", 400, "The request is wrong"),
    UNREADABLE("unreadable", 400, "The request cannot be read"),
    UNAUTHORIZED("unauthorized", 401, "There is no valid API key"),
    NOT_FOUND("not_found", 404, "There is nothing here"),
    METHOD_NOT_ALLOWED("method_not_allowed", 405, "This cannot be done here"),
    NOT_ACCEPTABLE("not_acceptable", 406, "There is no such form of the answer"),
    CONFLICT("conflict", 409, "The name is taken by another request"),
    TOO_LARGE("too_large", 413, "The request is too large"),
    UNSUPPORTED_MEDIA_TYPE("unsupported_media_type", 415, "The body is not JSON"),
    QUOTA_EXCEEDED("quota_exceeded", 429, "The tenant's quota is used up"),
    QUEUE_FULL("queue_full", 429, "The queue is full"),
    TOO_MANY_WATCHERS("too_many_watchers", 429, "Too many clients watch"),
    TOO_MANY_HEADERS("too_many_headers", 431, "The request has too many headers"),
    INTERNAL("internal", 500, "Something is broken here"),
    UNAVAILABLE("unavailable", 503, "This cannot be answered now");

    private final String wire;
    private final int status;
    private final String title;

    ErrorCode(String wire, int status, String title) {
        this.wire = wire;
        this.status = status;
        this.title = title;
    }

    /** What intake would refuse an event for, said at the door. */
    static ErrorCode of(Rejection.Code code) {
        return switch (code) {
            case INVALID_REQUEST -> INVALID_REQUEST;
            case UNREADABLE -> UNREADABLE;
            case TOO_LARGE -> TOO_LARGE;
            case CONFLICT -> CONFLICT;
        };
    }

    static ErrorCode of(int status) {
        for (ErrorCode code : values()) {
            if (code.status == status) {
                return code;
            }
        }
        return status < 500 ? INVALID_REQUEST : INTERNAL;
    }

    String wire() {
        return wire;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }
}
