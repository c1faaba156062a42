package io.wurstwerk.orchestrator.job;

import java.util.List;

/**
 * Why a request is not taken.
 *
 * @param problems every wrong field that could be named; empty where the event as a whole cannot be read
 */
public record Rejection(Code code, String message, List<Problem> problems) {

    public Rejection {
        problems = List.copyOf(problems);
    }

    public static Rejection unreadable(String message) {
        return new Rejection(Code.UNREADABLE, message, List.of());
    }

    /** The same origin asked before, for something else. */
    public static Rejection conflict() {
        return new Rejection(
                Code.CONFLICT,
                "an event with this tenant, source and id was already submitted with another body; give a new wish a"
                        + " new id",
                List.of());
    }

    /** The codes of {@code error.code} in rejected events. */
    public enum Code {
        INVALID_REQUEST("invalid_request"),
        UNREADABLE("unreadable"),
        TOO_LARGE("too_large"),
        CONFLICT("conflict");

        private final String wire;

        Code(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }
}
