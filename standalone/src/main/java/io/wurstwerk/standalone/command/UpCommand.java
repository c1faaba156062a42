package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.standalone.stack.Addresses;
import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.Stack;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the stack until the process is interrupted. */
@Command(
        name = "up",
        description = "Runs broker, store, worker and orchestrator until interrupted.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class UpCommand implements Callable<Integer> {
    @Mixin
    StackOptions options = new StackOptions();

    @Option(names = "--kafka-port", paramLabel = "PORT", description = "Kafka")
    int kafka = 9092;

    @Option(names = "--s3-port", paramLabel = "PORT", description = "S3")
    int store = 9000;

    @Option(names = "--triton-port", paramLabel = "PORT", description = "Triton gRPC")
    int triton = 8001;

    @Option(names = "--triton-health-port", paramLabel = "PORT", description = "Triton HTTP health")
    int health = 8000;

    @Option(names = "--triton-metrics-port", paramLabel = "PORT", description = "Triton metrics")
    int metrics = 8002;

    @Option(names = "--http-port", paramLabel = "PORT", description = "health and metrics of the orchestrator")
    int http = 8080;

    @Option(names = "--json", description = "print the addresses as one JSON object when everything is ready")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Ports ports = new Ports(kafka, Ports.freePort(), store, triton, health, metrics, http);
        PrintWriter out = spec.commandLine().getOut();
        LogFile log = LogFile.in(options.data, "up.log");
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (Stack stack = log.explaining(() -> Stack.start(options.data, options.repositoryOrShipped(), ports))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(interrupted, stopped), "stop"));
            print(out, stack.addresses(), log);
            interrupted.await();
            return 0;
        } finally {
            stopped.countDown();
        }
    }

    private void print(PrintWriter out, Addresses addresses, LogFile log) {
        if (json) {
            ObjectNode object = new ObjectMapper().valueToTree(addresses);
            object.put("data", options.data.toAbsolutePath().toString());
            object.put("log", log.path().toString());
            out.println(object);
            out.flush();
            return;
        }
        out.println("Wurstwerk is up.");
        out.println("  Kafka    " + addresses.kafka());
        out.println("  S3       " + addresses.store());
        out.println("  Triton   " + addresses.triton() + " (health " + addresses.health() + "/v2/health/ready, metrics "
                + addresses.metrics() + ")");
        out.println("  HTTP     " + addresses.http() + " (/q/health, /q/metrics)");
        out.println("  data     " + options.data.toAbsolutePath() + " (log " + log.path() + ")");
        out.println("Stop it with Ctrl-C.");
        out.flush();
    }

    /** The JVM leaves once its hooks have run, so the hook waits for the stack. */
    private static void stop(CountDownLatch interrupted, CountDownLatch stopped) {
        interrupted.countDown();
        try {
            boolean inTime = stopped.await(30, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("wurstwerk: the stack did not stop within 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
