package io.wurstwerk.orchestrator.fleet;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Names;
import io.wurstwerk.pipeline.PipelineOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the settings of the model servers make of it. */
class FleetTest {
    /** Nobody listens there. */
    private static final int CLOSED = 1;

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

    @Test
    void aNameThatIsNoHostAndPortIsRefused() {
        for (String wrong :
                List.of("dns:///gpu", "dns://gpu:8001", "dns:///gpu:0", "dns:///gpu:65536", "dns:///a/b:1")) {
            assertThatThrownBy(() -> fleet(List.of(wrong), 32, 1.0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dns:///");
        }
        assertThatThrownBy(() -> fleet(List.of("dns:///gpu:8001", "dns:///gpu:8001"), 32, 1.0))
                .hasMessage("wurstwerk.triton.endpoint names dns:///gpu:8001 more than once");
    }

    @Test
    void theLanesAreTheServersAtEveryAddressBesideTheFixedOnesAndFollowTheName() throws Exception {
        var names = new Names();
        names.lead("gpu.test", "127.0.0.3", "127.0.0.2", "0:0:0:0:0:0:0:1");
        try (Fleet fleet = Fleets.of(
                List.of("127.0.0.2:" + CLOSED, "dns:///gpu.test:" + CLOSED), names, PipelineOptions.defaults(), 1)) {
            assertThat(fleet.endpoints()).containsExactly("127.0.0.2:" + CLOSED);
            fleet.start();
            await(() -> fleet.endpoints()
                    .equals(List.of("127.0.0.2:" + CLOSED, "127.0.0.3:" + CLOSED, "[0:0:0:0:0:0:0:1]:" + CLOSED)));
            names.lead("gpu.test", "127.0.0.4");
            await(() -> fleet.endpoints().equals(List.of("127.0.0.2:" + CLOSED, "127.0.0.4:" + CLOSED)));
            assertThat(fleet.has("127.0.0.3:" + CLOSED)).isFalse();
            assertThat(fleet.current("127.0.0.3:" + CLOSED)).isEmpty();
            fleet.suspect("127.0.0.3:" + CLOSED);
        }
    }

    @Test
    void aNameThatCannotBeResolvedKeepsItsLanes() throws Exception {
        var names = new Names();
        names.lead("gpu.test", "127.0.0.2");
        try (Fleet fleet = Fleets.of(List.of("dns:///gpu.test:" + CLOSED), names, PipelineOptions.defaults(), 1)) {
            fleet.start();
            await(() -> fleet.has("127.0.0.2:" + CLOSED));
            names.fail("gpu.test");
            names.awaitQuestions(3);
            assertThat(fleet.endpoints()).containsExactly("127.0.0.2:" + CLOSED);
            names.lead("gpu.test", "127.0.0.3");
            await(() -> fleet.endpoints().equals(List.of("127.0.0.3:" + CLOSED)));
        }
    }

    @Test
    void whereThereAreMoreAddressesThanLanesThoseStayThatAreThere() throws Exception {
        var names = new Names();
        names.lead("gpu.test", "127.0.0.7", "127.0.0.8", "127.0.0.9");
        try (Fleet fleet = Fleets.of(List.of("dns:///gpu.test:" + CLOSED), names, PipelineOptions.defaults(), 1)) {
            fleet.start();
            await(() -> fleet.has("127.0.0.9:" + CLOSED));
            names.lead("gpu.test", "127.0.0.2", "127.0.0.3", "127.0.0.7", "127.0.0.8", "127.0.0.9");
            await(() -> fleet.endpoints().size() == Fleets.MOST);
            names.awaitQuestions(3);
            assertThat(fleet.endpoints())
                    .containsExactly(
                            "127.0.0.7:" + CLOSED, "127.0.0.8:" + CLOSED, "127.0.0.9:" + CLOSED, "127.0.0.2:" + CLOSED);
        }
    }

    private static int room(int cap, double share) {
        try (Fleet fleet = fleet(List.of("gpu-1:8001"), cap, share)) {
            return fleet.room();
        }
    }

    private static Fleet fleet(List<String> endpoints, int cap, double share) {
        return new FleetBeans().fleet(new Settings(endpoints, cap, share), new SplittableRandom(1), Clock.systemUTC());
    }

    private record Settings(List<String> endpoint, int cap, double share) implements FleetConfig {
        @Override
        public Optional<Path> repository() {
            return Optional.empty();
        }

        @Override
        public Tls tls() {
            return new Open();
        }

        @Override
        public Duration resolveInterval() {
            return Duration.ofSeconds(2);
        }

        @Override
        public int lanes() {
            return 64;
        }

        @Override
        public Duration watchInterval() {
            return Duration.ofSeconds(1);
        }
    }

    private record Open() implements FleetConfig.Tls {
        @Override
        public boolean enabled() {
            return false;
        }

        @Override
        public Optional<Path> ca() {
            return Optional.empty();
        }

        @Override
        public Optional<Path> certificate() {
            return Optional.empty();
        }

        @Override
        public Optional<Path> key() {
            return Optional.empty();
        }

        @Override
        public Optional<String> serverName() {
            return Optional.empty();
        }
    }
}
