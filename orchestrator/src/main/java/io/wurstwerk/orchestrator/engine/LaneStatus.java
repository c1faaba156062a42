package io.wurstwerk.orchestrator.engine;

/**
 * How a lane is.
 *
 * @param ready whether its server said so when last asked
 * @param draws whether it serves the pipeline that draws; else it is set aside
 * @param outstanding calls of this process that are under way on it
 * @param room how many may be
 */
public record LaneStatus(String lane, boolean ready, boolean draws, CircuitState circuit, int outstanding, int room) {}
