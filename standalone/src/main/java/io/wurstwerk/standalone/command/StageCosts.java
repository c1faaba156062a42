package io.wurstwerk.standalone.command;

import java.util.List;

/**
 * What a step of each stage costs, learnt from steps. A stage of which nothing was seen yet is thought to cost what a
 * step costs on average.
 */
final class StageCosts {
    /** In the order in which an image goes through them, with the names of progress events. */
    static final List<String> STAGES = List.of("text", "stage_c", "stage_b", "stage_a", "upload");

    /** Fewer steps than these say nothing. */
    private static final int ENOUGH = 3;

    private final double[] took = new double[STAGES.size()];
    private final double[] steps = new double[STAGES.size()];

    /** @param nanos how long so many steps took */
    void learn(int stage, int steps, double nanos) {
        this.steps[stage] += steps;
        took[stage] += nanos;
    }

    /** Of one step, in units that mean something only beside each other. */
    double of(int stage) {
        if (steps[stage] > 0) {
            return took[stage] / steps[stage];
        }
        double all = sum(steps);
        return all > 0 ? sum(took) / all : 1;
    }

    /** Whether so much was seen that a forecast is worth saying. */
    boolean known() {
        return sum(steps) >= ENOUGH;
    }

    private static double sum(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number;
        }
        return sum;
    }
}
