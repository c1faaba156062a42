package io.wurstwerk.orchestrator.job;

/**
 * Why a job ended without its images.
 *
 * @param message for the sender: what happened and where, without the sender's text
 */
public record Failure(Code code, String message) {

    /** The codes of {@code error.code} in failed events. */
    public enum Code {
        MODEL_ERROR("model_error"),
        NON_FINITE("non_finite"),
        MODEL_REJECTED("model_rejected"),
        CRASH_LOOP("crash_loop"),
        DRAFT_NOT_FOUND("draft_not_found"),
        DRAFT_UNFIT("draft_unfit"),
        INTERNAL("internal");

        private final String wire;

        Code(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }
}
