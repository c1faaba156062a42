package io.wurstwerk.orchestrator.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an image has used of the model servers, over all attempts as far as their checkpoints tell. Model time is the
 * image's share: while a lane has several calls of this process under way, each has its part of that time.
 *
 * @param sent bytes of requests to models
 * @param received bytes of their answers
 * @param joules null where no lane says what it draws and the configuration does not either
 * @param grams of CO2 equivalent; null where the energy is not known or the grid's intensity is not configured
 */
public record Usage(
        Duration text,
        Duration stageC,
        Duration stageB,
        Duration stageA,
        long sent,
        long received,
        @Nullable Double joules,
        @Nullable Double grams) {

    /** Nothing used so far. */
    public static final Usage NONE =
            new Usage(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, 0, 0.0, 0.0);

    /** Both together: a sum with something unknown in it is unknown. */
    public Usage plus(Usage more) {
        return new Usage(
                text.plus(more.text),
                stageC.plus(more.stageC),
                stageB.plus(more.stageB),
                stageA.plus(more.stageA),
                sent + more.sent,
                received + more.received,
                sum(joules, more.joules),
                sum(grams, more.grams));
    }

    private static @Nullable Double sum(@Nullable Double a, @Nullable Double b) {
        return a == null || b == null ? null : Double.valueOf(a + b);
    }
}
