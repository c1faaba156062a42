package io.wurstwerk.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The server on the command line, with the names of Triton's own flags. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        version = Worker.VERSION,
        description = "Serves a Triton model repository of ONNX graphs on the CPU.")
public final class WorkerCommand implements Callable<Integer> {
    @Option(names = "--model-repository", required = true, description = "folder of the models")
    private @Nullable Path repository;

    @Option(
            names = "--model-config-name",
            description = "reads configs/<name>.pbtxt of each model that has it, config.pbtxt of the others")
    private @Nullable String modelConfigName;

    @Option(
            names = {"--host", "--grpc-address", "--http-address", "--metrics-address"},
            defaultValue = "0.0.0.0",
            description = "address to listen on (default ${DEFAULT-VALUE})")
    private String host = "0.0.0.0";

    @Option(names = "--grpc-port", defaultValue = "8001", description = "default ${DEFAULT-VALUE}")
    private int grpcPort;

    @Option(names = "--http-port", defaultValue = "8000", description = "default ${DEFAULT-VALUE}; -1 for none")
    private int httpPort;

    @Option(names = "--metrics-port", defaultValue = "8002", description = "default ${DEFAULT-VALUE}; -1 for none")
    private int metricsPort;

    @Option(
            names = "--exit-timeout-secs",
            defaultValue = "30",
            description = "how long stopping waits for running requests (default ${DEFAULT-VALUE})")
    private int exitTimeoutSeconds;

    @Option(
            names = "--exit-on-error",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "end at once when a model cannot be loaded (default ${DEFAULT-VALUE})")
    private boolean exitOnError;

    @Option(
            names = "--strict-readiness",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "be ready only when every model is (default ${DEFAULT-VALUE})")
    private boolean strictReadiness;

    @Option(
            names = "--grpc-use-ssl",
            arity = "0..1",
            fallbackValue = "true",
            description = "secure the gRPC port with TLS; HTTP and metrics stay open (default: off)")
    private boolean grpcUseSsl;

    @Option(
            names = "--grpc-use-ssl-mutual",
            arity = "0..1",
            fallbackValue = "true",
            description = "let in only clients with a certificate of --grpc-root-cert (default: off)")
    private boolean grpcUseSslMutual;

    @Option(
            names = "--grpc-server-cert",
            paramLabel = "FILE",
            description = "PEM: the server's certificate and its chain; read again when it changes, as the others are")
    private @Nullable Path grpcServerCertificate;

    @Option(names = "--grpc-server-key", paramLabel = "FILE", description = "PEM: its private key, PKCS#8")
    private @Nullable Path grpcServerKey;

    @Option(
            names = "--grpc-root-cert",
            paramLabel = "FILE",
            description = "PEM: certificates of the authorities whose clients are let in")
    private @Nullable Path grpcRootCertificate;

    @Option(
            names = "--grpc-max-connections",
            defaultValue = "1024",
            description = "gRPC connections that may call at once (default ${DEFAULT-VALUE})")
    private int grpcMostConnections;

    @Option(
            names = "--intra-op-threads",
            defaultValue = "0",
            description = "threads of one execution where a config does not say; 0 for one per core"
                    + " (default ${DEFAULT-VALUE})")
    private int intraOpThreads;

    /** Runs the server until SIGTERM or SIGINT. Exit status: 0 drained, 1 not drained or not started, 2 bad usage. */
    public static void main(String[] arguments) {
        int status = new CommandLine(new WorkerCommand()).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    private WorkerOptions.@Nullable Tls tls() {
        boolean named = grpcServerCertificate != null || grpcServerKey != null || grpcRootCertificate != null;
        if (!grpcUseSsl && !grpcUseSslMutual) {
            if (named) {
                throw new IllegalArgumentException(
                        "certificates are named, but the port would be open: add --grpc-use-ssl or --grpc-use-ssl-mutual");
            }
            return null;
        }
        if (grpcServerCertificate == null || grpcServerKey == null) {
            throw new IllegalArgumentException("TLS needs --grpc-server-cert FILE and --grpc-server-key FILE");
        }
        if (grpcUseSslMutual && grpcRootCertificate == null) {
            throw new IllegalArgumentException(
                    "--grpc-use-ssl-mutual needs --grpc-root-cert FILE: the authorities whose clients are let in");
        }
        return new WorkerOptions.Tls(
                grpcServerCertificate, grpcServerKey, grpcUseSslMutual ? grpcRootCertificate : null);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (repository == null) {
            throw new IllegalStateException("picocli requires --model-repository");
        }
        Worker worker;
        try {
            WorkerOptions options = WorkerOptions.of(repository);
            worker = Worker.start(options.withTls(tls())
                    .withLimits(options.limits().withConnections(grpcMostConnections))
                    .withHost(host)
                    .withGrpcPort(grpcPort)
                    .withHttpPort(httpPort)
                    .withMetricsPort(metricsPort)
                    .withModelConfigName(modelConfigName)
                    .withIntraOpThreads(intraOpThreads)
                    .withStrictReadiness(strictReadiness)
                    .withExitTimeout(Duration.ofSeconds(exitTimeoutSeconds)));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("worker: " + e.getMessage());
            return 1;
        }
        if (exitOnError && !worker.failures().isEmpty()) {
            worker.failures().forEach((model, reason) -> System.err.println("worker: " + model + ": " + reason));
            worker.close();
            return 1;
        }
        // Without halting, the JVM would report the signal (143) instead of how stopping went.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            worker.close();
            Runtime.getRuntime().halt(worker.drained() ? 0 : 1);
        }));
        System.err.printf(
                "worker: serving %s: gRPC on port %d, HTTP on %d, metrics on %d%n",
                String.join(", ", worker.models()), worker.grpcPort(), worker.httpPort(), worker.metricsPort());
        new CountDownLatch(1).await();
        return 0;
    }
}
