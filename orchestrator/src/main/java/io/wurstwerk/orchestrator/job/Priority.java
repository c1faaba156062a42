package io.wurstwerk.orchestrator.job;

/** How a job ranks among those that wait; ageing lets every rank have its turn. */
public enum Priority {
    HIGH("high"),
    NORMAL("normal"),
    LOW("low");

    private final String wire;

    Priority(String wire) {
        this.wire = wire;
    }

    /** @throws IllegalArgumentException when there is no such priority */
    public static Priority of(String wire) {
        for (Priority priority : values()) {
            if (priority.wire.equals(wire)) {
                return priority;
            }
        }
        throw new IllegalArgumentException("no priority is called that");
    }

    public String wire() {
        return wire;
    }
}
