package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.pipeline.diffusion.Stage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StageClockTest {
    @Test
    void timeAddsUpByStageAndTheRestIsZero() {
        AtomicLong now = new AtomicLong(5);
        StageClock clock = new StageClock(now::get);

        assertThat(clock.<String>time(Stage.STAGE_C, () -> "first " + now.addAndGet(7)))
                .isEqualTo("first 12");
        clock.time(Stage.STAGE_B, () -> now.addAndGet(100));
        clock.time(Stage.STAGE_C, () -> now.addAndGet(3));

        assertThat(clock.timings())
                .isEqualTo(new StageTimings(Duration.ZERO, Duration.ofNanos(10), Duration.ofNanos(100), Duration.ZERO));
    }
}
