package io.wurstwerk.orchestrator.stack;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A collector for the application's traces, a metrics page as Triton's, and the figures that costs are computed from. */
public final class CollectorResource implements QuarkusTestResourceLifecycleManager {
    public static final double WATTS = 100;
    public static final double GRAMS = 400;

    private static Collector collector;

    private HttpServer page;

    public static Collector collector() {
        return collector;
    }

    @Override
    public Map<String, String> start() {
        try {
            collector = new Collector();
            page = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            var told = new AtomicBoolean();
            page.createContext("/metrics", exchange -> {
                // One reading makes no power, so the configured figure holds.
                byte[] text = "nv_energy_consumption{gpu_uuid=\"GPU-0\"} 12345.5\n".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(told.getAndSet(true) ? 503 : 200, text.length);
                exchange.getResponseBody().write(text);
                exchange.close();
            });
            page.start();
            return Map.of(
                    "quarkus.otel.sdk.disabled", "false",
                    "quarkus.otel.exporter.otlp.endpoint", collector.endpoint(),
                    "quarkus.otel.exporter.otlp.protocol", "http/protobuf",
                    "quarkus.otel.bsp.schedule.delay", "PT0.1S",
                    "wurstwerk.cost.triton-metrics-port",
                            Integer.toString(page.getAddress().getPort()),
                    "wurstwerk.cost.watts", Double.toString(WATTS),
                    "wurstwerk.cost.grams-per-kilowatt-hour", Double.toString(GRAMS));
        } catch (IOException failed) {
            throw new IllegalStateException("no collector for the test", failed);
        }
    }

    @Override
    public void stop() {
        page.stop(0);
        collector.close();
    }
}
