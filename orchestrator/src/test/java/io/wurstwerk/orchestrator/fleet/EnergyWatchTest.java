package io.wurstwerk.orchestrator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnergyWatchTest {
    private static final String LANE = "127.0.0.1:8001";

    private final AtomicLong now = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private volatile byte[] page = {};
    private HttpServer server;
    private EnergyWatch watch;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = page;
            exchange.sendResponseHeaders(200, text.length == 0 ? -1 : text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        watch = new EnergyWatch(
                () -> List.of(LANE), server.getAddress().getPort(), OptionalDouble.of(70), registry, now::get);
    }

    @AfterEach
    void stop() {
        watch.close();
        server.stop(0);
    }

    private void look(String text, long seconds) {
        page = text.getBytes(StandardCharsets.UTF_8);
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
        watch.look();
    }

    private static String joules(double first, double second) {
        return "# TYPE nv_energy_consumption counter\nnv_energy_consumption{gpu_uuid=\"GPU-0\"} " + first
                + "\nnv_gpu_utilization{gpu_uuid=\"GPU-0\"} 1\nnv_energy_consumption{gpu_uuid=\"GPU-1\"} " + second
                + "\n";
    }

    @Test
    void whatTwoReadingsTellReplacesTheConfiguredFigureUntilTheyAreOld() {
        assertThat(watch.watts(LANE)).hasValue(70);
        look(joules(1_000, 500), 0);
        assertThat(watch.watts(LANE)).hasValue(70);
        look(joules(2_000, 1_000), 5);
        assertThat(watch.watts(LANE)).hasValue(300);
        assertThat(used()).isEqualTo(1_500);
        now.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(watch.watts(LANE)).hasValue(70);
        assertThat(watch.watts("unknown:1")).hasValue(70);
    }

    @Test
    void aServerThatWasRestartedCountsOnFromThere() {
        look(joules(1_000, 0), 0);
        look(joules(1_400, 0), 4);
        look(joules(10, 0), 4);
        assertThat(watch.watts(LANE)).hasValue(70);
        look(joules(210, 0), 4);
        assertThat(watch.watts(LANE)).hasValue(50);
        assertThat(used()).isEqualTo(600);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nv_energy_consumption{gpu_uuid=\"GPU-0\"} 1e300",
                "nv_energy_consumption{gpu_uuid=\"GPU-0\"} -5",
                "nv_energy_consumption{gpu_uuid=\"GPU-0\"} 1e999",
                "nv_energy_consumption{gpu_uuid=\"GPU-0\"} ++",
                "nv_energy_consumption ",
                "no metrics at all"
            })
    void nonsenseIsNotBelieved(String nonsense) {
        look(joules(1_000, 0), 0);
        look(nonsense + "\n", 5);
        assertThat(watch.watts(LANE)).hasValue(70);
        assertThat(used()).isZero();
    }

    @Test
    void aPageWithoutAnEndIsNotReadToIt() {
        look(joules(1_000, 0), 0);
        look(joules(1_100, 0) + "#".repeat(2 << 20), 5);
        assertThat(watch.watts(LANE)).hasValue(70);
        assertThat(used()).isZero();
    }

    private double used() {
        return registry.get("wurstwerk.lane.energy.joules")
                .tag("endpoint", LANE)
                .functionCounter()
                .count();
    }
}
