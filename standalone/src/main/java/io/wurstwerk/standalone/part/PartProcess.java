package io.wurstwerk.standalone.faults;

import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One part of a stack as a process that can be killed, stopped and started again. */
final class PartProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);

    private final SinglePart part;
    private final String instance;
    private final Ports ports;
    private final Path data;
    private final Path repository;
    private @Nullable Process process;
    private @Nullable Path out;
    private boolean stopped;

    PartProcess(SinglePart part, String instance, Ports ports, Path data, Path repository) {
        this.part = part;
        this.instance = instance;
        this.ports = ports;
        this.data = data;
        this.repository = repository;
    }

    SinglePart part() {
        return part;
    }

    String name() {
        return part == SinglePart.ORCHESTRATOR
                ? "orchestrator " + instance
                : part.name().toLowerCase(Locale.ROOT);
    }

    boolean stopped() {
        return stopped;
    }

    void start() throws IOException {
        Path logs = Files.createDirectories(data.resolve("logs"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-jar",
                System.getProperty("java.class.path"),
                "part",
                part.name(),
                "--data=" + data,
                "--repository=" + repository,
                "--instance=" + instance,
                "--ports=" + ports.kafka() + "," + ports.controller() + "," + ports.store() + "," + ports.triton() + ","
                        + ports.health() + "," + ports.metrics() + "," + ports.http()));
        Path fresh = Files.createTempFile(logs, part + "-" + instance + "-", ".out");
        out = fresh;
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(fresh.toFile())
                .start();
    }

    /** @throws IllegalStateException when the part is not ready in time */
    void awaitReady() throws IOException, InterruptedException {
        long limit = System.nanoTime() + READY.toNanos();
        Path lines = Objects.requireNonNull(out);
        while (!Files.readString(lines).contains("ready ")) {
            if (System.nanoTime() > limit || process == null || !process.isAlive()) {
                throw new IllegalStateException(name() + " is not ready: " + Files.readString(lines));
            }
            Thread.sleep(50);
        }
    }

    /** As a power cut would. */
    void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
        stopped = false;
    }

    void signal(String name) throws IOException, InterruptedException {
        if (process != null) {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("kill -" + name + " did not return");
            }
            stopped = name.equals("STOP");
        }
    }

    @Override
    public void close() {
        kill();
    }
}
