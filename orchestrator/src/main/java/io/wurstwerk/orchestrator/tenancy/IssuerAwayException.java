package io.wurstwerk.orchestrator.tenancy;

/** The issuer's keys are needed to judge a token, and cannot be had now. */
public final class IssuerAwayException extends RuntimeException {
    private static final long serialVersionUID = 1;

    IssuerAwayException(String message, Throwable cause) {
        super(message, cause);
    }
}
