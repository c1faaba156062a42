package io.wurstwerk.orchestrator.studio;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.wurstwerk.orchestrator.fleet.LanePower;
import io.wurstwerk.orchestrator.fleet.LaneTime;
import io.wurstwerk.orchestrator.job.Usage;
import io.wurstwerk.orchestrator.trace.Step;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.triton.CallContext;
import io.wurstwerk.pipeline.triton.ModelCall;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Measures the calls of models: for the metrics page, and for what their images have used. Thread-safe. */
public final class ModelMeters {
    private static final String BUSY = "wurstwerk.lane.busy.seconds";
    private static final String ENDPOINT = "endpoint";
    private static final double JOULES_PER_KILOWATT_HOUR = 3.6e6;
    private static final double[] FILL = {0.125, 0.25, 0.5, 0.75, 1};
    private static final Duration[] STEPS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final LanePower power;
    private final OptionalDouble gramsPerKilowattHour;
    private final LongSupplier nanos;
    private final Counter sent;
    private final Counter received;
    private final Map<Stage, Timer> calls = new EnumMap<>(Stage.class);
    private final Map<Stage, Counter> shares = new EnumMap<>(Stage.class);
    private final Map<Stage, DistributionSummary> fill = new EnumMap<>(Stage.class);
    private final Map<String, LaneTime> lanes = new ConcurrentHashMap<>();

    /**
     * @param gramsPerKilowattHour of CO2 equivalent; empty where nobody has said
     * @param nanos a clock that only runs forward
     */
    public ModelMeters(
            MeterRegistry registry, LanePower power, OptionalDouble gramsPerKilowattHour, LongSupplier nanos) {
        this.registry = registry;
        this.power = power;
        this.gramsPerKilowattHour = gramsPerKilowattHour;
        this.nanos = nanos;
        this.sent = registry.counter("wurstwerk.model.bytes", "direction", "sent");
        this.received = registry.counter("wurstwerk.model.bytes", "direction", "received");
        for (Stage stage : Stage.values()) {
            String name = name(stage);
            calls.put(
                    stage,
                    Timer.builder("wurstwerk.step")
                            .tag("stage", name)
                            .serviceLevelObjectives(STEPS)
                            .register(registry));
            shares.put(stage, registry.counter("wurstwerk.model.seconds", "stage", name));
            fill.put(
                    stage,
                    DistributionSummary.builder("wurstwerk.batch.fill")
                            .tag("stage", name)
                            .serviceLevelObjectives(FILL)
                            .register(registry));
        }
    }

    static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    /** Work on a lane begins. To be closed, whatever becomes of it. */
    Metered begin(Stage stage, String lane, Step step) {
        return new Metered(stage, lane, lanes.computeIfAbsent(lane, this::lane).begin(), step);
    }

    private LaneTime lane(String endpoint) {
        LaneTime time = new LaneTime(nanos);
        FunctionCounter.builder(BUSY, time, LaneTime::busySeconds)
                .tag(ENDPOINT, endpoint)
                .register(registry);
        return time;
    }

    /** The lane is gone for good: its label would stay for as long as the process. */
    public void forget(String endpoint) {
        lanes.remove(endpoint);
        registry.find(BUSY).tag(ENDPOINT, endpoint).meters().forEach(registry::remove);
    }

    /** The calls of one piece of work. For one thread. */
    final class Metered implements CallContext, AutoCloseable {
        private final Stage stage;
        private final String lane;
        private final LaneTime.Share share;
        private final Step step;
        private final long start = nanos.getAsLong();
        private boolean over;
        private long bytesSent;
        private long bytesReceived;

        private Metered(Stage stage, String lane, LaneTime.Share share, Step step) {
            this.stage = stage;
            this.lane = lane;
            this.share = share;
            this.step = step;
        }

        @Override
        public Map<String, String> metadata() {
            return step.metadata();
        }

        @Override
        public void answered(ModelCall call) {
            bytesSent += call.sent();
            bytesReceived += call.received();
            sent.increment((double) call.sent());
            received.increment((double) call.received());
            if (call.mostRows() > 0) {
                of(fill).record((double) call.rows() / call.mostRows());
            }
        }

        /** The work is done: what it took, all alone as it was seen here. */
        Duration took() {
            return Duration.ofNanos(nanos.getAsLong() - start);
        }

        /** The work is done: what it has used. Asked once. */
        Usage used() {
            of(calls).record(took());
            Duration mine = end();
            double seconds = mine.toNanos() / 1e9;
            of(shares).increment(seconds);
            OptionalDouble watts = power.watts(lane);
            @Nullable Double joules = watts.isPresent() ? Double.valueOf(watts.getAsDouble() * seconds) : null;
            @Nullable
            Double grams = joules == null || gramsPerKilowattHour.isEmpty()
                    ? null
                    : Double.valueOf(joules / JOULES_PER_KILOWATT_HOUR * gramsPerKilowattHour.getAsDouble());
            return new Usage(
                    when(Stage.TEXT, mine),
                    when(Stage.STAGE_C, mine),
                    when(Stage.STAGE_B, mine),
                    when(Stage.STAGE_A, mine),
                    bytesSent,
                    bytesReceived,
                    joules,
                    grams);
        }

        @Override
        public void close() {
            if (!over) {
                end();
            }
            step.close();
        }

        private Duration end() {
            over = true;
            return share.end();
        }

        private Duration when(Stage one, Duration mine) {
            return stage == one ? mine : Duration.ZERO;
        }

        private <T> T of(Map<Stage, T> meters) {
            T meter = meters.get(stage);
            if (meter == null) {
                throw new IllegalStateException("every stage has its meters");
            }
            return meter;
        }
    }
}
