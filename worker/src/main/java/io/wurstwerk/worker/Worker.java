package io.wurstwerk.worker;

import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.engine.OnnxLoader;
import io.wurstwerk.worker.http.HealthPages;
import io.wurstwerk.worker.http.HttpPort;
import io.wurstwerk.worker.http.MetricsPage;
import io.wurstwerk.worker.protocol.ConnectionLimit;
import io.wurstwerk.worker.protocol.HealthService;
import io.wurstwerk.worker.protocol.InferenceService;
import io.wurstwerk.worker.protocol.ServerState;
import io.wurstwerk.worker.protocol.Unreadable;
import io.wurstwerk.worker.repository.IndexEntry;
import io.wurstwerk.worker.repository.ModelRepository;
import io.wurstwerk.worker.scheduling.QueueLimits;
import io.wurstwerk.worker.scheduling.Scheduler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running inference server. Closing it lets accepted requests finish within {@link WorkerOptions#exitTimeout} and
 * refuses new ones meanwhile. Thread-safe.
 */
public final class Worker implements AutoCloseable {
    /** The Triton whose behaviour this server follows. */
    public static final String VERSION = "2.51.0+wurstwerk";

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    /** Tells of everyone who connects and speaks something else, with a stack trace: strangers could fill the log. */
    private static final java.util.logging.Logger CONNECTIONS =
            java.util.logging.Logger.getLogger("io.grpc.netty.NettyServerTransport.connections");

    private static final int FLOW_CONTROL_WINDOW = 8 << 20;
    private static final int MOST_CALLS_PER_CONNECTION = 1024;
    private static final Duration KEEP_ALIVE_PERMITTED = Duration.ofMinutes(5);
    private static final Duration HANDSHAKE = Duration.ofSeconds(20);
    /** A client with work asks at least for readiness; one that has gone without a word must not keep its place. */
    private static final Duration IDLE = Duration.ofMinutes(10);

    private static final int MOST_HEADER_BYTES = 16 << 10;
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

    private final WorkerOptions options;
    private final ModelRepository repository;
    private final ServerState state;
    private final Map<String, Integer> ports;
    private final Server grpc;
    private final Deque<AutoCloseable> parts;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean drained;

    private Worker(
            WorkerOptions options,
            ModelRepository repository,
            ServerState state,
            Server grpc,
            Map<String, Integer> ports,
            Deque<AutoCloseable> parts) {
        this.options = options;
        this.repository = repository;
        this.state = state;
        this.grpc = grpc;
        this.ports = ports;
        this.parts = parts;
    }

    /**
     * Loads the repository and opens the ports; they answer when this returns. Models that cannot be served do not
     * stop the server: {@link #failures} and the repository index name them.
     *
     * @throws IOException when the repository cannot be read or a port is taken; says which
     */
    public static Worker start(WorkerOptions options) throws IOException {
        return start(options, new OnnxLoader(options.intraOpThreads(), System::nanoTime));
    }

    static Worker start(WorkerOptions options, Engine.Loader loader) throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            Scheduler.Surroundings surroundings = new Scheduler.Surroundings(
                    Thread.ofPlatform().daemon().factory(), System::nanoTime, InstantSource.system());
            ModelRepository repository = ModelRepository.load(
                    options.repository(),
                    options.modelConfigName(),
                    loader,
                    new QueueLimits(
                            options.limits().queuedRequests(), options.limits().queuedBytes()),
                    surroundings);
            parts.push(repository);
            ServerState state = new ServerState(repository, options.strictReadiness());
            // Last of all the health paths: whoever finds them ready finds everything else.
            ServerSecurity security = new ServerSecurity();
            parts.push(security);
            Server grpc = listen(options, security.credentials(options.tls()), repository, state);
            parts.push(grpc::shutdownNow);
            Map<String, Integer> ports = new TreeMap<>();
            if (options.ports().metrics() != WorkerOptions.OFF) {
                MetricsPage page = new MetricsPage(repository);
                ports.put(
                        "metrics",
                        open("metrics", options.host(), options.ports().metrics(), page, parts));
            }
            if (options.ports().http() != WorkerOptions.OFF) {
                HealthPages pages = new HealthPages(state, repository, VERSION);
                ports.put("http", open("HTTP", options.host(), options.ports().http(), pages, parts));
            }
            return new Worker(options, repository, state, grpc, ports, parts);
        } catch (IOException | RuntimeException | Error e) {
            closeAll(parts);
            throw e;
        }
    }

    private static int open(String what, String host, int port, HttpPort.Pages pages, Deque<AutoCloseable> parts)
            throws IOException {
        ExecutorService executor = Executors.newFixedThreadPool(
                2, Thread.ofPlatform().daemon().name("worker-" + what + "-", 0).factory());
        try {
            HttpPort opened = HttpPort.open(host, port, executor, pages);
            parts.push(opened);
            return opened.port();
        } catch (IOException e) {
            throw new IOException("cannot listen on " + host + ":" + port + " for " + what + ": " + e.getMessage(), e);
        }
    }

    private static Server listen(
            WorkerOptions options, ServerCredentials credentials, ModelRepository repository, ServerState state)
            throws IOException {
        CONNECTIONS.setLevel(Level.WARNING);
        ConnectionLimit connections = new ConnectionLimit(options.limits().connections());
        Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(options.host(), options.ports().grpc()), credentials)
                .addTransportFilter(connections)
                .intercept(connections)
                .handshakeTimeout(HANDSHAKE.toSeconds(), TimeUnit.SECONDS)
                .maxConnectionIdle(IDLE.toSeconds(), TimeUnit.SECONDS)
                .maxInboundMetadataSize(MOST_HEADER_BYTES)
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(options.limits().messageBytes())
                .maxConcurrentCallsPerConnection(MOST_CALLS_PER_CONNECTION)
                .permitKeepAliveTime(KEEP_ALIVE_PERMITTED.toSeconds(), TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(Unreadable.refusedBefore(ServerInterceptors.intercept(
                        new InferenceService(repository, state, VERSION), InferenceService.interceptor())))
                .addService(Unreadable.refusedBefore(new HealthService(state).bindService()))
                .build();
        try {
            return server.start();
        } catch (IOException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen on " + options.host() + ":" + options.ports().grpc() + " for gRPC: "
                            + reason.getMessage(),
                    e);
        }
    }

    /** Port of the gRPC services. */
    public int grpcPort() {
        return grpc.getPort();
    }

    /** Port of the HTTP health paths, or {@link WorkerOptions#OFF}. */
    public int httpPort() {
        return ports.getOrDefault("http", WorkerOptions.OFF);
    }

    /** Port of the metrics, or {@link WorkerOptions#OFF}. */
    public int metricsPort() {
        return ports.getOrDefault("metrics", WorkerOptions.OFF);
    }

    /** What ServerReady says. */
    public boolean ready() {
        return state.ready();
    }

    /** Models and versions that could not be loaded, with the reason; empty when all are served. */
    public Map<String, String> failures() {
        Map<String, String> failures = new TreeMap<>();
        for (IndexEntry entry : repository.index()) {
            if (!entry.ready()) {
                String version = entry.version().isEmpty() ? "" : " version " + entry.version();
                failures.put(entry.name() + version, entry.reason());
            }
        }
        return failures;
    }

    /** Names of the models that are served. */
    public List<String> models() {
        return repository.served().stream()
                .map(model -> model.name())
                .distinct()
                .toList();
    }

    /** Whether {@link #close} saw every accepted request answered in time. */
    public boolean drained() {
        return drained;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        repository.stopAccepting();
        state.exit();
        try {
            drained = repository.drain(options.exitTimeout());
            grpc.shutdown();
            if (!grpc.awaitTermination(LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS)) {
                LOG.info("closing connections that clients keep open");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeAll(parts);
        }
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("could not close {}", part.getClass().getSimpleName(), e);
            }
        }
    }
}
