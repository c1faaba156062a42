package io.wurstwerk.orchestrator.engine;

/** Whether something that may be away is asked. */
public enum CircuitState {
    CLOSED,
    /** One call finds out whether it works again. */
    HALF_OPEN,
    OPEN
}
