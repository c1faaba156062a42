package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far a job is and how long it still takes: as long for what is left as it took for what is done, where every step
 * counts with the cost of its stage. The time in the line before the first image does not count.
 */
final class Pace {
    private final StageCosts costs;
    private final int[] steps = new int[StageCosts.STAGES.size()];
    private final Map<Integer, Position> positions = new HashMap<>();
    private int images;
    private long begun;
    private long now;

    /** @param step steps of the stage that are done */
    private record Position(int stage, int step, long at) {}

    /**
     * @param plan what is expected until the job tells it
     * @param costs learns from the job
     */
    Pace(Plan plan, StageCosts costs) {
        this.costs = costs;
        this.images = plan.images();
        for (int stage = 0; stage < steps.length; stage++) {
            steps[stage] = plan.steps(stage);
        }
    }

    /**
     * @param event data of a progress event
     * @param nanos when it came
     */
    void saw(JsonNode event, long nanos) {
        int stage = StageCosts.STAGES.indexOf(event.path("stage").asText());
        int index = event.path("index").asInt(-1);
        images = Math.max(images, event.path("images").asInt());
        if (stage < 0 || index < 0 || index >= images) {
            return;
        }
        if (positions.isEmpty()) {
            begun = nanos;
        }
        now = nanos;
        steps[stage] = Math.max(1, event.path("steps").asInt());
        Position after = new Position(stage, Math.clamp(event.path("step").asInt(), 0, steps[stage]), nanos);
        Position before = positions.put(index, after);
        if (before != null) {
            learn(before, after);
        }
    }

    /** What is done, in the units of the costs. */
    double done() {
        return positions.values().stream().mapToDouble(this::before).sum();
    }

    /** The whole job, in the units of the costs. */
    double whole() {
        return images * before(new Position(steps.length - 1, steps[steps.length - 1], now));
    }

    /** From 0 to 1. */
    double share() {
        double whole = whole();
        return whole > 0 ? Math.clamp(done() / whole, 0, 1) : 0;
    }

    /** Empty as long as too little was seen. */
    Optional<Duration> left() {
        return costs.known() ? left(now - begun, done(), whole() - done()) : Optional.empty();
    }

    /** As long for what is left as it took for what is done. */
    static Optional<Duration> left(long elapsed, double done, double left) {
        return done > 0 ? Optional.of(Duration.ofNanos((long) (elapsed * Math.max(0, left) / done))) : Optional.empty();
    }

    private double before(Position position) {
        double work = position.step() * costs.of(position.stage());
        for (int stage = 0; stage < position.stage(); stage++) {
            work += steps[stage] * costs.of(stage);
        }
        return work;
    }

    /** Events leave steps out, so the time between two of them is shared by all steps in between. */
    private void learn(Position before, Position after) {
        int between = 0;
        for (int stage = before.stage(); stage <= after.stage(); stage++) {
            between += stepsBetween(before, after, stage);
        }
        // An image that goes on from a checkpoint goes back: that teaches nothing about steps.
        if (between <= 0) {
            return;
        }
        double each = (after.at() - before.at()) / (double) between;
        for (int stage = before.stage(); stage <= after.stage(); stage++) {
            int made = stepsBetween(before, after, stage);
            costs.learn(stage, made, each * made);
        }
    }

    private int stepsBetween(Position before, Position after, int stage) {
        int from = stage == before.stage() ? Math.min(before.step(), steps[stage]) : 0;
        int to = stage == after.stage() ? after.step() : steps[stage];
        return to - from;
    }
}
