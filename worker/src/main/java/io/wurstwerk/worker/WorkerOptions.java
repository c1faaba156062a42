package io.wurstwerk.worker;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to start a {@link Worker}. Ports: 0 takes any free one, {@link #OFF} opens none.
 *
 * @param repository model repository folder
 * @param host address to listen on
 * @param grpcPort port of the gRPC services
 * @param httpPort port of the HTTP health paths
 * @param metricsPort port of the Prometheus metrics
 * @param modelConfigName reads {@code configs/<name>.pbtxt} of each model that has it; null for config.pbtxt
 * @param intraOpThreads threads of one execution where a config does not say; 0 for one per core
 * @param exitTimeout how long closing waits for accepted requests
 * @param strictReadiness whether a model that cannot be loaded makes the server not ready
 * @param maxMessageBytes largest request message
 * @param maxQueuedRequests most waiting requests of a model whose config sets no limit
 * @param maxQueuedBytes most bytes of inputs waiting for one model
 */
public record WorkerOptions(
        Path repository,
        String host,
        int grpcPort,
        int httpPort,
        int metricsPort,
        @Nullable String modelConfigName,
        int intraOpThreads,
        Duration exitTimeout,
        boolean strictReadiness,
        int maxMessageBytes,
        int maxQueuedRequests,
        long maxQueuedBytes) {
    /** A port that is not opened. */
    public static final int OFF = -1;

    private static final int MIB = 1 << 20;

    public WorkerOptions {
        checkPort("gRPC", grpcPort, 0);
        checkPort("HTTP", httpPort, OFF);
        checkPort("metrics", metricsPort, OFF);
        if (modelConfigName != null && !modelConfigName.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("the model config name is the name of a file in each model's configs"
                    + " folder without .pbtxt, but is '" + modelConfigName + "'");
        }
        if (intraOpThreads < 0 || maxMessageBytes < 1 || exitTimeout.isNegative()) {
            throw new IllegalArgumentException("threads, message size and exit timeout cannot be negative");
        }
    }

    /** An embedded worker on free ports of the loopback interface, without HTTP and metrics. */
    public static WorkerOptions of(Path repository) {
        return new WorkerOptions(
                repository,
                "127.0.0.1",
                0,
                OFF,
                OFF,
                null,
                1,
                Duration.ofSeconds(30),
                true,
                128 * MIB,
                1024,
                256L * MIB);
    }

    public WorkerOptions withHost(String address) {
        return new WorkerOptions(
                repository,
                address,
                grpcPort,
                httpPort,
                metricsPort,
                modelConfigName,
                intraOpThreads,
                exitTimeout,
                strictReadiness,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    public WorkerOptions withGrpcPort(int port) {
        return withPorts(port, httpPort, metricsPort);
    }

    public WorkerOptions withHttpPort(int port) {
        return withPorts(grpcPort, port, metricsPort);
    }

    public WorkerOptions withMetricsPort(int port) {
        return withPorts(grpcPort, httpPort, port);
    }

    private WorkerOptions withPorts(int grpc, int http, int metrics) {
        return new WorkerOptions(
                repository,
                host,
                grpc,
                http,
                metrics,
                modelConfigName,
                intraOpThreads,
                exitTimeout,
                strictReadiness,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    public WorkerOptions withModelConfigName(@Nullable String name) {
        return new WorkerOptions(
                repository,
                host,
                grpcPort,
                httpPort,
                metricsPort,
                name,
                intraOpThreads,
                exitTimeout,
                strictReadiness,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    public WorkerOptions withIntraOpThreads(int threads) {
        return new WorkerOptions(
                repository,
                host,
                grpcPort,
                httpPort,
                metricsPort,
                modelConfigName,
                threads,
                exitTimeout,
                strictReadiness,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    public WorkerOptions withExitTimeout(Duration timeout) {
        return new WorkerOptions(
                repository,
                host,
                grpcPort,
                httpPort,
                metricsPort,
                modelConfigName,
                intraOpThreads,
                timeout,
                strictReadiness,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    public WorkerOptions withStrictReadiness(boolean strict) {
        return new WorkerOptions(
                repository,
                host,
                grpcPort,
                httpPort,
                metricsPort,
                modelConfigName,
                intraOpThreads,
                exitTimeout,
                strict,
                maxMessageBytes,
                maxQueuedRequests,
                maxQueuedBytes);
    }

    /** Limits on what clients can make the server hold. */
    public WorkerOptions withLimits(int messageBytes, int queuedRequests, long queuedBytes) {
        return new WorkerOptions(
                repository,
                host,
                grpcPort,
                httpPort,
                metricsPort,
                modelConfigName,
                intraOpThreads,
                exitTimeout,
                strictReadiness,
                messageBytes,
                queuedRequests,
                queuedBytes);
    }

    private static void checkPort(String what, int port, int least) {
        if (port < least || port > 65_535) {
            throw new IllegalArgumentException(what + " port " + port + " is not between " + least + " and 65535");
        }
    }
}
