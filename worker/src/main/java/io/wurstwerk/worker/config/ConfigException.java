package io.wurstwerk.worker.config;

/** A model configuration that cannot be served; the message is the reason shown in the repository index. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public ConfigException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** The message, which is never absent. */
    public String reason() {
        return reason;
    }
}
