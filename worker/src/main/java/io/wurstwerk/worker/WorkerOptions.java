package io.wurstwerk.worker;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to start a {@link Worker}.
 *
 * @param repository model repository folder
 * @param host address to listen on
 * @param ports where to listen
 * @param modelConfigName reads {@code configs/<name>.pbtxt} of each model that has it; null for config.pbtxt
 * @param intraOpThreads threads of one execution where a config does not say; 0 for one per core
 * @param exitTimeout how long closing waits for accepted requests
 * @param strictReadiness whether a model that cannot be loaded makes the server not ready
 * @param limits what clients can make the server hold
 * @param tls how the gRPC port is secured; null for an open one
 */
public record WorkerOptions(
        Path repository,
        String host,
        Ports ports,
        @Nullable String modelConfigName,
        int intraOpThreads,
        Duration exitTimeout,
        boolean strictReadiness,
        Limits limits,
        @Nullable Tls tls) {
    /** A port that is not opened. */
    public static final int OFF = -1;

    private static final int MIB = 1 << 20;

    /**
     * Ports to listen on: 0 takes any free one, {@link #OFF} opens none.
     *
     * @param grpc the gRPC services, never off
     * @param http the HTTP health paths
     * @param metrics the Prometheus metrics
     */
    public record Ports(int grpc, int http, int metrics) {
        public Ports {
            check("gRPC", grpc, 0);
            check("HTTP", http, OFF);
            check("metrics", metrics, OFF);
        }

        private static void check(String what, int port, int least) {
            if (port < least || port > 65_535) {
                throw new IllegalArgumentException(what + " port " + port + " is not between " + least + " and 65535");
            }
        }
    }

    /**
     * What clients can make the server hold.
     *
     * @param messageBytes largest request message
     * @param queuedRequests most waiting requests of a model whose config sets no limit
     * @param queuedBytes most bytes of inputs waiting for one model
     * @param connections most gRPC connections that are open at once; further ones are closed at once
     */
    public record Limits(int messageBytes, int queuedRequests, long queuedBytes, int connections) {
        public Limits {
            if (messageBytes < 1 || queuedRequests < 1 || queuedBytes < 1 || connections < 1) {
                throw new IllegalArgumentException("limits must be positive: " + messageBytes + " bytes a message, "
                        + queuedRequests + " requests and " + queuedBytes + " bytes waiting, " + connections
                        + " connections");
            }
        }

        public Limits withConnections(int most) {
            return new Limits(messageBytes, queuedRequests, queuedBytes, most);
        }
    }

    /**
     * PEM files that secure the gRPC port. They are read again when they change: connections that are made after that see
     * what they hold then.
     *
     * @param certificate the server's certificate and its chain
     * @param key its private key, PKCS#8 without a passphrase
     * @param clientAuthorities certificates of the authorities whose clients are let in; null to let everybody in
     */
    public record Tls(Path certificate, Path key, @Nullable Path clientAuthorities) {}

    public WorkerOptions {
        if (modelConfigName != null && !modelConfigName.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("the model config name is the name of a file in each model's configs"
                    + " folder without .pbtxt, but is '" + modelConfigName + "'");
        }
        if (intraOpThreads < 0 || exitTimeout.isNegative()) {
            throw new IllegalArgumentException("threads and exit timeout cannot be negative");
        }
    }

    /** An embedded worker on free ports of the loopback interface, without HTTP and metrics, one thread a run. */
    public static WorkerOptions of(Path repository) {
        return new WorkerOptions(
                repository,
                "127.0.0.1",
                new Ports(0, OFF, OFF),
                null,
                1,
                Duration.ofSeconds(30),
                true,
                new Limits(128 * MIB, 1024, 256L * MIB, 1024),
                null);
    }

    public WorkerOptions withHost(String address) {
        return new WorkerOptions(
                repository, address, ports, modelConfigName, intraOpThreads, exitTimeout, strictReadiness, limits, tls);
    }

    public WorkerOptions withGrpcPort(int port) {
        return with(new Ports(port, ports.http(), ports.metrics()));
    }

    public WorkerOptions withHttpPort(int port) {
        return with(new Ports(ports.grpc(), port, ports.metrics()));
    }

    public WorkerOptions withMetricsPort(int port) {
        return with(new Ports(ports.grpc(), ports.http(), port));
    }

    private WorkerOptions with(Ports others) {
        return new WorkerOptions(
                repository, host, others, modelConfigName, intraOpThreads, exitTimeout, strictReadiness, limits, tls);
    }

    public WorkerOptions withModelConfigName(@Nullable String name) {
        return new WorkerOptions(
                repository, host, ports, name, intraOpThreads, exitTimeout, strictReadiness, limits, tls);
    }

    public WorkerOptions withIntraOpThreads(int threads) {
        return new WorkerOptions(
                repository, host, ports, modelConfigName, threads, exitTimeout, strictReadiness, limits, tls);
    }

    public WorkerOptions withExitTimeout(Duration timeout) {
        return new WorkerOptions(
                repository, host, ports, modelConfigName, intraOpThreads, timeout, strictReadiness, limits, tls);
    }

    public WorkerOptions withStrictReadiness(boolean strict) {
        return new WorkerOptions(
                repository, host, ports, modelConfigName, intraOpThreads, exitTimeout, strict, limits, tls);
    }

    public WorkerOptions withLimits(Limits others) {
        return new WorkerOptions(
                repository, host, ports, modelConfigName, intraOpThreads, exitTimeout, strictReadiness, others, tls);
    }

    public WorkerOptions withTls(@Nullable Tls files) {
        return new WorkerOptions(
                repository, host, ports, modelConfigName, intraOpThreads, exitTimeout, strictReadiness, limits, files);
    }
}
