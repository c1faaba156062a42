package io.wurstwerk.orchestrator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneTimeTest {
    private final AtomicLong now = new AtomicLong(1_000);
    private final LaneTime lane = new LaneTime(now::get);

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void aCallAloneHasAllOfTheTime() {
        pass(5);
        LaneTime.Share call = lane.begin();
        pass(3);
        assertThat(call.end()).isEqualTo(Duration.ofSeconds(3));
        pass(5);
        assertThat(lane.busySeconds()).isEqualTo(3);
    }

    @Test
    void callsThatAreUnderWayAtOnceShareTheTimeAndTheirSharesAddUpToIt() {
        LaneTime.Share first = lane.begin();
        pass(2);
        LaneTime.Share second = lane.begin();
        pass(4);
        LaneTime.Share third = lane.begin();
        pass(3);
        assertThat(first.end()).isEqualTo(Duration.ofSeconds(2 + 2 + 1));
        pass(6);
        assertThat(third.end()).isEqualTo(Duration.ofSeconds(1 + 3));
        pass(1);
        assertThat(second.end()).isEqualTo(Duration.ofSeconds(2 + 1 + 3 + 1));
        assertThat(lane.busySeconds()).isEqualTo(2 + 4 + 3 + 6 + 1);
    }
}
