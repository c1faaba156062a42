package io.wurstwerk.standalone.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;

/** The note that a running stack leaves in its data folder, so that other commands find it. */
public final class RunFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Path file;

    public RunFile(Path data) {
        this.file = data.resolve("run.json");
    }

    /**
     * The addresses of the stack that wrote the file, if its process lives and its HTTP port answers. A file left by a
     * process that was killed counts for nothing.
     */
    public Optional<Addresses> running() {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            Content content = JSON.readValue(file.toFile(), Content.class);
            boolean alive = ProcessHandle.of(content.pid()).isPresent() && answers(content.addresses());
            return alive ? Optional.of(content.addresses()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void write(Addresses addresses) {
        try {
            Path fresh = file.resolveSibling("run.json.new");
            JSON.writeValue(fresh.toFile(), new Content(ProcessHandle.current().pid(), addresses));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }

    private static boolean answers(Addresses addresses) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(addresses.http() + "/q/health/live"))
                .timeout(ANSWER)
                .build();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private record Content(long pid, Addresses addresses) {}
}
