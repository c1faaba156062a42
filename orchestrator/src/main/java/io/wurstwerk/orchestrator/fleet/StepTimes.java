package io.wurstwerk.orchestrator.fleet;

import io.wurstwerk.orchestrator.job.ImageOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long model calls take, learnt from those that were made: a moving average for every stage, image size and number
 * of rows. What has not been measured yet is scaled from the measured call of the same stage that is nearest in work,
 * and before the first one from a rough idea. Thread-safe.
 */
public final class StepTimes {
    private static final double NEWEST = 0.2;
    /** The calls whose times matter. */
    public enum Step {
        STAGE_C(0.004),
        STAGE_B(0.02),
        STAGE_A(0.03);

        /** Seconds of one row of 256x256 pixels on a small processor: before a measurement only proportions matter. */
        private final double rough;

        Step(double rough) {
            this.rough = rough;
        }
    }

    private record Call(Step step, int width, int height, int rows) {
        double work() {
            return (double) width * height * rows;
        }
    }

    private final Map<Call, Double> seconds = new ConcurrentHashMap<>();

    /**
     * Learns from a call.
     *
     * @param rows samples in the batch
     */
    public void measured(Step step, int width, int height, int rows, double took) {
        seconds.merge(new Call(step, width, height, rows), took, (known, newest) -> known + NEWEST * (newest - known));
    }

    /** Predicted seconds of model time for all images of an order, one after the other. */
    public double seconds(ImageOrder order) {
        double prior = order.stageCSteps() * call(Step.STAGE_C, order, rows(order.priorGuidanceScale()));
        double decoder = order.stageBSteps() * call(Step.STAGE_B, order, rows(order.decoderGuidanceScale()));
        double pixels = order.stageBSteps() == 0 ? 0 : call(Step.STAGE_A, order, 1);
        return order.images() * (prior + decoder + pixels);
    }

    /** Rows of one image in a batch: two where it is guided. */
    public static int rows(double guidanceScale) {
        return guidanceScale > 1 ? 2 : 1;
    }

    private double call(Step step, ImageOrder order, int rows) {
        Call wanted = new Call(step, order.width(), order.height(), rows);
        Double known = seconds.get(wanted);
        if (known != null) {
            return known;
        }
        return seconds.entrySet().stream()
                .filter(entry -> entry.getKey().step() == step)
                .min((a, b) -> Double.compare(distance(a.getKey(), wanted), distance(b.getKey(), wanted)))
                .map(entry -> entry.getValue() * wanted.work() / entry.getKey().work())
                .orElseGet(() -> step.rough * wanted.work() / (256.0 * 256.0));
    }

    private static double distance(Call a, Call b) {
        return Math.abs(Math.log(a.work() / b.work()));
    }
}
