package io.wurstwerk.standalone.part;

import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A part as a process that can be killed, stopped and started again. */
public final class PartProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration END = Duration.ofSeconds(20);

    private final String name;
    private final Path logs;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Readiness readiness;
    private @Nullable Process process;
    private @Nullable Path out;
    private boolean stopped;

    /** Whether a part that runs can be used now. */
    public interface Readiness {
        /** The process has written a line that says so. */
        Readiness SAID = out -> Files.readString(out).contains("ready ");

        /** @param out what the process has written */
        boolean ready(Path out) throws IOException, InterruptedException;
    }

    /**
     * Starts nothing yet.
     *
     * @param logs folder of what the process writes
     * @param environment beside that of this process
     */
    PartProcess(String name, Path logs, List<String> command, Map<String, String> environment, Readiness readiness) {
        this.name = name;
        this.logs = logs;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.readiness = readiness;
    }

    /**
     * A part of this repository.
     *
     * @param instance tells several of a kind apart
     * @param settings of an orchestrator, where they are not those of a stack
     */
    public static PartProcess of(
            SinglePart part, String instance, Ports ports, Path data, Path repository, Map<String, String> settings) {
        String name = part == SinglePart.ORCHESTRATOR
                ? "orchestrator " + instance
                : part.name().toLowerCase(Locale.ROOT);
        List<String> command = new ArrayList<>(JavaProgram.command(512));
        command.addAll(List.of(
                "-jar",
                System.getProperty("java.class.path"),
                "part",
                part.name(),
                "--data=" + data,
                "--repository=" + repository,
                "--instance=" + instance,
                "--ports=" + ports.kafka() + "," + ports.controller() + "," + ports.store() + "," + ports.triton() + ","
                        + ports.health() + "," + ports.metrics() + "," + ports.http()));
        settings.forEach((key, value) -> command.add("--set=" + key + "=" + value));
        return new PartProcess(name, data.resolve("logs"), command, Map.of(), Readiness.SAID);
    }

    /** What people call it. */
    public String name() {
        return name;
    }

    /** Whether it was told to stop and not yet to go on. */
    public boolean stopped() {
        return stopped;
    }

    public boolean alive() {
        return process != null && process.isAlive();
    }

    public void start() throws IOException {
        Files.createDirectories(logs);
        Path fresh = Files.createTempFile(logs, name.replace(' ', '-') + "-", ".out");
        out = fresh;
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(fresh.toFile());
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /** @throws IllegalStateException when the part is not ready in time */
    public void awaitReady() throws IOException, InterruptedException {
        long limit = System.nanoTime() + READY.toNanos();
        Path lines = Objects.requireNonNull(out);
        while (!readiness.ready(lines)) {
            if (System.nanoTime() > limit || !alive()) {
                throw new IllegalStateException(name + " is not ready: " + Files.readString(lines));
            }
            Thread.sleep(100);
        }
    }

    /** As a power cut would. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
        stopped = false;
    }

    /** Sends a signal, {@code STOP} or {@code CONT}. */
    public void signal(String signal) throws IOException, InterruptedException {
        if (process != null) {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("kill -" + signal + " did not return");
            }
            stopped = signal.equals("STOP");
        }
    }

    /** Kills it. One that has processes of its own is asked to end first, so that it takes them along. */
    @Override
    public void close() {
        if (process == null) {
            return;
        }
        List<ProcessHandle> family = process.descendants().toList();
        if (!family.isEmpty()) {
            process.destroy();
            try {
                process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            family.forEach(ProcessHandle::destroyForcibly);
        }
        kill();
    }
}
