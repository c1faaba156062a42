package io.wurstwerk.standalone.command;

import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Wurstwerk that a command talks to: one that runs already, or one that lives as long as the command. */
final class Installation implements AutoCloseable {
    private final String kafka;
    private final @Nullable Stack stack;
    private final @Nullable Path data;

    private Installation(String kafka, @Nullable Stack stack, @Nullable Path data) {
        this.kafka = kafka;
        this.stack = stack;
        this.data = data;
    }

    static Installation elsewhere(String kafka) {
        return new Installation(kafka, null, null);
    }

    /** A stack on free ports with a data folder of its own, which goes with it. */
    static Installation own(StackOptions options) throws InterruptedException {
        LogFile log = LogFile.in(options.data, "generate.log");
        Path data = temporaryFolder();
        try {
            Stack stack = log.explaining(() -> Stack.start(data, options.repositoryOrShipped(), Ports.free()));
            Installation installation = new Installation(stack.addresses().kafka(), stack, data);
            Runtime.getRuntime().addShutdownHook(new Thread(installation::close, "stop"));
            return installation;
        } catch (InterruptedException | RuntimeException e) {
            delete(data);
            throw e;
        }
    }

    /** Where the own stack's worker tells its metrics. */
    URI workerMetrics() {
        if (stack == null) {
            throw new IllegalStateException("only a stack of this process tells its metrics here");
        }
        return URI.create(stack.addresses().metrics());
    }

    /** Where the own stack's orchestrator tells its metrics. */
    URI orchestratorMetrics() {
        if (stack == null) {
            throw new IllegalStateException("only a stack of this process tells its metrics here");
        }
        return URI.create(stack.addresses().http() + "/q/metrics");
    }

    String kafka() {
        return kafka;
    }

    @Override
    public void close() {
        if (stack != null) {
            stack.close();
        }
        if (data != null) {
            delete(data);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("wurstwerk-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the stack", e);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(Installation::deleteOne);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    private static void deleteOne(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
