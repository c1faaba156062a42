package io.wurstwerk.standalone.stack;

import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole Wurstwerk in this process. Closing it stops the parts in the reverse order of their start; closing it twice
 * does nothing more.
 */
public final class Stack implements AutoCloseable {
    /** Enough for every core of one machine; the topics of a fleet have more. */
    private static final int PARTITIONS = 4;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Addresses addresses;

    private Stack(Addresses addresses) {
        this.addresses = addresses;
    }

    /**
     * Starts broker, store, worker and orchestrator, and writes the run file when all of them are ready.
     *
     * @param data folder of everything that is to survive a restart; made when absent
     * @param repository the Triton model repository to draw with
     * @throws PortInUseException when one of the ports is taken
     * @throws IllegalStateException when a part does not start, or another stack runs on the data folder
     */
    public static Stack start(Path data, Path repository, Ports ports) throws InterruptedException {
        if (!Files.isDirectory(repository)) {
            throw new IllegalStateException("no model repository at " + repository + ": name one with --repository");
        }
        ports.requireFree();
        Stack stack = new Stack(addresses(ports));
        try {
            stack.open(data, repository, ports);
            return stack;
        } catch (InterruptedException | RuntimeException e) {
            stack.close(e);
            throw e;
        }
    }

    public Addresses addresses() {
        return addresses;
    }

    @Override
    public synchronized void close() {
        IllegalStateException failure = new IllegalStateException("not every part of the stack stopped in order");
        close(failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    private void open(Path data, Path repository, Ports ports) throws InterruptedException {
        parts.push(lock(data));
        Credentials credentials = Credentials.in(data, new SecureRandom());
        KafkaBroker broker = KafkaBroker.start(data.resolve("kafka"), ports);
        parts.push(broker);
        ImageStore store = ImageStore.start(data.resolve("store"), ports, credentials);
        parts.push(store);
        parts.push(worker(repository, ports));
        Map<String, String> settings =
                configuration(repository, ports, broker.bootstrapServers(), store.endpoint(), credentials);
        settings.put(
                "wurstwerk.view.folder", data.resolve("view").toAbsolutePath().toString());
        parts.push(Orchestrator.start(settings, addresses.http()));
        RunFile runFile = new RunFile(data);
        runFile.write(addresses);
        parts.push(runFile::remove);
    }

    private static Worker worker(Path repository, Ports ports) {
        try {
            return Worker.start(WorkerOptions.of(repository)
                    .withGrpcPort(ports.triton())
                    .withHttpPort(ports.health())
                    .withMetricsPort(ports.metrics()));
        } catch (IOException e) {
            throw new UncheckedIOException("the inference worker did not start over " + repository, e);
        }
    }

    static Map<String, String> configuration(
            Path repository, Ports ports, String kafka, String store, Credentials credentials) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("quarkus.http.host", Ports.HOST);
        settings.put("quarkus.http.port", Integer.toString(ports.http()));
        settings.put("kafka.bootstrap.servers", kafka);
        // A name that outlives the process: after a kill the next one takes over at once.
        settings.put("wurstwerk.kafka.instance", "standalone");
        settings.put("wurstwerk.kafka.partitions", Integer.toString(PARTITIONS));
        settings.put("wurstwerk.triton.endpoint", Ports.HOST + ":" + ports.triton());
        settings.put("wurstwerk.triton.repository", repository.toAbsolutePath().toString());
        settings.put("wurstwerk.store.endpoint", store);
        settings.put("wurstwerk.store.access-key", credentials.accessKey());
        settings.put("wurstwerk.store.secret-key", credentials.secretKey());
        settings.put("wurstwerk.store.tenant-secret", credentials.tenantSecret());
        return settings;
    }

    private static Addresses addresses(Ports ports) {
        String host = Ports.HOST + ":";
        return new Addresses(
                host + ports.kafka(),
                "http://" + host + ports.store(),
                host + ports.triton(),
                "http://" + host + ports.health(),
                "http://" + host + ports.metrics() + "/metrics",
                "http://" + host + ports.http());
    }

    private static AutoCloseable lock(Path data) {
        Path file = data.resolve("lock");
        try {
            Files.createDirectories(data);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new IllegalStateException(
                        "another stack runs on the data folder " + data + ": stop it or name another with --data");
            }
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the data folder " + data, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void close(Throwable failure) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
