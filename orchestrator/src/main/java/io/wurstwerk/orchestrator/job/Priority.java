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

    public String wire() {
        return wire;
    }
}
