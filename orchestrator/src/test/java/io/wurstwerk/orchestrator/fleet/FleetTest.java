package io.wurstwerk.orchestrator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the settings of the model servers make of it. */
class FleetTest {

    @Test
    void theShareOfTheCapIsTheRoomAndAtLeastOne() {
        assertThat(room(32, 1.0)).isEqualTo(32);
        assertThat(room(32, 0.5)).isEqualTo(16);
        assertThat(room(3, 0.5)).isEqualTo(1);
        assertThat(room(1, 0.1)).isEqualTo(1);
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedByName() {
        assertThatThrownBy(() -> room(0, 1.0)).hasMessage("wurstwerk.triton.cap must be at least 1, not 0");
        for (double share : new double[] {0, -1, 1.5, Double.NaN}) {
            assertThatThrownBy(() -> room(32, share))
                    .hasMessage("wurstwerk.triton.share must be more than 0 and at most 1, not " + share);
        }
        assertThatThrownBy(() -> fleet(List.of("gpu-1:8001", " gpu-1:8001"), 32, 1.0))
                .hasMessage("wurstwerk.triton.endpoint names gpu-1:8001 more than once");
        assertThatThrownBy(() -> fleet(List.of("gpu-1:8001", "http://gpu-2:8001"), 32, 1.0))
                .hasMessageContaining("wurstwerk.triton.endpoint must be host:port");
    }

    @Test
    void beforeTheFirstConnectionNothingIsReadyOrKnown() {
        try (Fleet fleet = fleet(List.of("gpu-1:8001", "gpu-2:8001"), 32, 1.0)) {
            assertThat(fleet.ready()).isFalse();
            assertThat(fleet.current("gpu-2:8001")).isEmpty();
            assertThatThrownBy(fleet::catalog).hasMessage("no model server has answered yet");
        }
    }

    private static int room(int cap, double share) {
        try (Fleet fleet = fleet(List.of("gpu-1:8001"), cap, share)) {
            return fleet.room();
        }
    }

    private static Fleet fleet(List<String> endpoints, int cap, double share) {
        return new FleetBeans().fleet(new Settings(endpoints, cap, share), new SplittableRandom(1));
    }

    private record Settings(List<String> endpoint, int cap, double share) implements FleetConfig {
        @Override
        public Optional<Path> repository() {
            return Optional.empty();
        }

        @Override
        public Duration watchInterval() {
            return Duration.ofSeconds(1);
        }
    }
}
