package io.wurstwerk.orchestrator.fleet;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Reads from time to time how much energy the lanes' GPUs have used, where Triton's metrics port is configured, and
 * falls back to the configured watts. Every reading is bounded in time and size. Thread-safe.
 */
public final class EnergyWatch implements LanePower, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EnergyWatch.class);
    private static final String ENERGY = "wurstwerk.lane.energy.joules";
    private static final String ENDPOINT = "endpoint";
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int MOST_BYTES = 1 << 20;
    /** More than any machine with GPUs draws: a page that says so is wrong. */
    private static final double MOST_WATTS = 100_000;
    /** A reading that is older says nothing about now. */
    private static final Duration STALE = Duration.ofSeconds(60);

    private final Supplier<List<String>> endpoints;
    private final int port;
    private final OptionalDouble configured;
    private final MeterRegistry registry;
    private final LongSupplier nanos;
    private final HttpClient client;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();

    /**
     * @param joules as the page said last
     * @param used joules since the first reading, over restarts of the server
     * @param watts between the last two readings
     */
    private record Reading(long at, double joules, double used, OptionalDouble watts) {}

    /**
     * Reads nothing before {@link #look()}.
     *
     * @param endpoints of the lanes now
     * @param port of the lanes' metrics pages; zero for none
     * @param configured watts of every lane that does not say
     * @param nanos a clock that only runs forward
     */
    public EnergyWatch(
            Supplier<List<String>> endpoints,
            int port,
            OptionalDouble configured,
            MeterRegistry registry,
            LongSupplier nanos) {
        this.endpoints = endpoints;
        this.port = port;
        this.configured = configured;
        this.registry = registry;
        this.nanos = nanos;
        this.client = HttpClient.newBuilder()
                .connectTimeout(LIMIT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Reads every lane's page once. */
    public void look() {
        if (port == 0) {
            return;
        }
        List<String> lanes = endpoints.get();
        readings.keySet().removeIf(endpoint -> !lanes.contains(endpoint) && forgotten(endpoint));
        for (String endpoint : lanes) {
            page(endpoint).ifPresent(joules -> read(endpoint, joules));
        }
    }

    @Override
    public OptionalDouble watts(String endpoint) {
        Reading last = readings.get(endpoint);
        return last != null && last.watts().isPresent() && nanos.getAsLong() - last.at() < STALE.toNanos()
                ? last.watts()
                : configured;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** A counter that went back is that of a server that was restarted. */
    private void read(String endpoint, double joules) {
        Reading before = readings.get(endpoint);
        long now = nanos.getAsLong();
        if (before == null) {
            readings.put(endpoint, new Reading(now, joules, 0, OptionalDouble.empty()));
            FunctionCounter.builder(ENERGY, this, watch -> watch.used(endpoint))
                    .tag(ENDPOINT, endpoint)
                    .register(registry);
            return;
        }
        double used = joules - before.joules();
        double seconds = (now - before.at()) / 1e9;
        boolean sound = used >= 0 && seconds > 0 && used / seconds <= MOST_WATTS;
        readings.put(
                endpoint,
                new Reading(
                        now,
                        joules,
                        before.used() + (sound ? used : 0),
                        sound ? OptionalDouble.of(used / seconds) : OptionalDouble.empty()));
    }

    /** A label of a lane that is gone would stay for as long as the process. */
    private boolean forgotten(String endpoint) {
        registry.find(ENERGY).tag(ENDPOINT, endpoint).meters().forEach(registry::remove);
        return true;
    }

    private double used(String endpoint) {
        Reading last = readings.get(endpoint);
        return last == null ? 0 : last.used();
    }

    private OptionalDouble page(String endpoint) {
        String host = endpoint.substring(0, endpoint.lastIndexOf(':'));
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/metrics"))
                    .timeout(LIMIT)
                    .build();
            HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                byte[] bytes = body.readNBytes(MOST_BYTES + 1);
                return answer.statusCode() != 200 || bytes.length > MOST_BYTES
                        ? OptionalDouble.empty()
                        : EnergyPage.joules(new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (IOException | IllegalArgumentException away) {
            LOG.debugf("no energy is known of %s: %s", endpoint, away.getClass());
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalDouble.empty();
        }
    }
}
