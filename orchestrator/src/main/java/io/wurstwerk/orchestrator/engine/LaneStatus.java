package io.wurstwerk.orchestrator.engine;

/**
 * How a lane is.
 *
 * @param ready whether its server said so when last asked
 * @param draws whether it serves the pipeline that draws; else it is set aside
 * @param outstanding calls of this process that are under way on it
 * @param room how many may be
 */
public record LaneStatus(String lane, boolean ready, boolean draws, Way way, int outstanding, int room) {

    /** The state of its circuit. */
    public enum Way {
        CLOSED,
        /** One call finds out whether it works again. */
        HALF_OPEN,
        OPEN
    }
}
