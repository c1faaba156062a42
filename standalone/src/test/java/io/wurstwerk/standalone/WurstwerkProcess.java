package io.wurstwerk.standalone;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The built application as a process of its own, started as the launcher starts it. */
final class WurstwerkProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path APPLICATION = Path.of("target", "quarkus-app", "quarkus-run.jar");
    private static final Path REPOSITORY = Path.of("..", "triton-models", "repository");

    /** What a finished command left behind. */
    record Finished(int status, List<String> out, List<String> err) {}

    private final Process process;
    private final Path err;

    private WurstwerkProcess(Process process, Path err) {
        this.process = process;
        this.err = err;
    }

    static WurstwerkProcess start(Path folder, String... arguments) throws IOException {
        return start(folder, Map.of(), arguments);
    }

    static WurstwerkProcess start(Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dwurstwerk.repository=" + REPOSITORY.toRealPath(),
                "-jar",
                APPLICATION.toRealPath().toString()));
        command.addAll(Arrays.asList(arguments));
        Path err = Files.createTempFile(folder, "stderr-", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
        builder.environment().put("WURSTWERK_DATA", folder.resolve("data").toString());
        builder.environment().putAll(environment);
        return new WurstwerkProcess(builder.start(), err);
    }

    static Finished run(Path folder, String... arguments) throws Exception {
        try (WurstwerkProcess process = start(folder, arguments)) {
            return process.await();
        }
    }

    /** Gives standard input a text, and its end. */
    void type(String text) throws IOException {
        try (var writer = process.outputWriter(StandardCharsets.UTF_8)) {
            writer.write(text);
        }
    }

    /** The next lines of standard output up to one that starts so. */
    List<String> readUntil(String prefix) throws Exception {
        List<String> lines = new ArrayList<>();
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        String line;
        while ((line = reader.readLine()) != null) {
            lines.add(line);
            if (line.startsWith(prefix)) {
                return lines;
            }
        }
        throw new IllegalStateException(
                "no line '" + prefix + "' in " + lines + "; standard error: " + Files.readAllLines(err));
    }

    /** Asks the process to stop as a service manager would. */
    Finished terminate() throws Exception {
        // Not Process.destroy(), which would close the streams that are still to be read.
        process.toHandle().destroy();
        return await();
    }

    /** Ends it as a power cut would. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    Finished await() throws Exception {
        List<String> out = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new TimeoutException("still running after " + LIMIT + ": " + Files.readAllLines(err));
        }
        return new Finished(process.exitValue(), out, Files.readAllLines(err));
    }

    @Override
    public void close() throws InterruptedException {
        if (process.isAlive()) {
            kill();
        }
    }
}
