package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Stage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Adds up the time of one image by stage. Confined to the thread that draws it. */
final class StageClock {
    private final LongSupplier nanoTime;
    private final Map<Stage, Duration> spent = new EnumMap<>(Stage.class);

    StageClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    <T> T time(Stage stage, Supplier<T> work) {
        long begin = nanoTime.getAsLong();
        T result = work.get();
        spent.merge(stage, Duration.ofNanos(nanoTime.getAsLong() - begin), Duration::plus);
        return result;
    }

    StageTimings timings() {
        return new StageTimings(spent(Stage.TEXT), spent(Stage.STAGE_C), spent(Stage.STAGE_B), spent(Stage.STAGE_A));
    }

    private Duration spent(Stage stage) {
        return spent.getOrDefault(stage, Duration.ZERO);
    }
}
