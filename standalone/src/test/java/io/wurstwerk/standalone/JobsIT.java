package io.wurstwerk.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.wurstwerk.standalone.command.FakeApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jobs}, {@code cancel} and {@code quote} beside a stack that runs. */
final class JobsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void jobsAreFoundCancelledAndQuotedBesideARunningStack() throws Exception {
        try (WurstwerkProcess up = up()) {
            JsonNode addresses = JSON.readTree(up.readUntil("{").getLast());
            assertThat(addresses.path("data").asText())
                    .isEqualTo(folder.resolve("data").toString());
            String url = addresses.path("http").asText();

            String drawn = object("generate", "a red cross", "--steps", "2", "--decoder-steps", "2", "--json")
                    .path("job_id")
                    .asText();
            awaitState(drawn, "completed");
            assertThat(run("jobs").out().getLast()).matches(drawn + " +completed +.+ a red cross");
            assertThat(run("jobs", drawn, "--url", url).out())
                    .contains("job        " + drawn, "state      completed", "prompt     a red cross")
                    .anyMatch(line -> line.startsWith("image 0    seed "));
            var late = run("cancel", drawn);
            assertThat(late.out()).containsExactly(drawn + " had ended: completed");
            assertThat(late.status()).isZero();

            JsonNode quote = object("quote", "a star", "--images", "4", "--url", url, "--json");
            assertThat(quote.path("seconds").asDouble()).isPositive();
            assertThat(Instant.parse(quote.path("finishes_at").asText())).isAfter(Instant.EPOCH);
            assertThat(run("quote", "a star").out().getFirst()).matches("about [0-9.]+ s of work, .* before it, .*");
            var wrong = run("quote", "a star", "--width", "200");
            assertThat(wrong.status()).isEqualTo(1);
            assertThat(wrong.err()).anyMatch(line -> line.startsWith("  width: "));

            try (WurstwerkProcess generate = WurstwerkProcess.start(
                    folder, "generate", "a long story", "--images", "8", "--steps", "200", "--decoder-steps", "200")) {
                String open = awaitOpen();
                assertThat(run("cancel", open).out()).containsExactly(open + " is asked to stop");
                var cancelled = generate.await();
                assertThat(cancelled.status()).isEqualTo(1);
                assertThat(cancelled.err())
                        .anyMatch(line -> line.startsWith("wurstwerk: the job ended cancelled: "))
                        .anyMatch(line -> line.matches("stage c \\d+/200 \\(image . of 8\\), about .+ left"));
                awaitState(open, "cancelled");
            }
        }
    }

    @Test
    void aFinishedDraftIsThePictureThatWouldHaveBeenDrawnAtOnce() throws Exception {
        try (WurstwerkProcess up = up()) {
            up.readUntil("{");
            String[] picture = {"generate", "a red ring", "--seed=3", "--steps=3", "--decoder-steps=2", "--json"};
            JsonNode whole = object(picture);

            JsonNode draft = object(with(picture, "--draft", "-o", "early.png"));
            JsonNode finished =
                    object("generate", "--promote", draft.path("job_id").asText(), "--json", "-o", "late.png");

            assertThat(draft.path("draft").asBoolean()).isTrue();
            assertThat(ImageIO.read(folder.resolve("early.png").toFile()).getWidth())
                    .isEqualTo(96);
            assertThat(finished.path("job_id")).isNotEqualTo(draft.path("job_id"));
            assertThat(folder.resolve("late.png"))
                    .hasSameBinaryContentAs(
                            folder.resolve(whole.at("/images/0/path").asText()));
        }
    }

    @Test
    void theApiKeyComesFromTheEnvironment() throws Exception {
        try (FakeApi api = new FakeApi(Optional.of("secret"))) {
            String job = api.add("running", "a star");

            try (WurstwerkProcess jobs = WurstwerkProcess.start(
                    folder, Map.of("WURSTWERK_API_KEY", "secret"), "jobs", job, "--url", api.url())) {
                assertThat(jobs.await().out()).contains("state      running");
            }
            assertThat(run("jobs", job, "--url", api.url()).err())
                    .containsExactly("wurstwerk: unauthorized: There is no valid API key: put the API key into"
                            + " WURSTWERK_API_KEY");
        }
    }

    @Test
    void theApiKeyComesFromAFileThatTheEnvironmentNames() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "secret\n");
        try (FakeApi api = new FakeApi(Optional.of("secret"))) {
            String job = api.add("running", "a star");

            try (WurstwerkProcess jobs = WurstwerkProcess.start(
                    folder, Map.of("WURSTWERK_API_KEY_FILE", key.toString()), "jobs", job, "--url", api.url())) {
                assertThat(jobs.await().out()).contains("state      running");
            }
            Files.delete(key);
            try (WurstwerkProcess jobs = WurstwerkProcess.start(
                    folder, Map.of("WURSTWERK_API_KEY_FILE", key.toString()), "jobs", job, "--url", api.url())) {
                var finished = jobs.await();
                assertThat(finished.status()).isEqualTo(2);
                assertThat(finished.err().getFirst())
                        .isEqualTo("wurstwerk: WURSTWERK_API_KEY_FILE names " + key + ", which is not there");
            }
        }
    }

    /** The view that answers is a moment behind the topics. */
    private void awaitState(String job, String state) throws Exception {
        await(() -> Optional.of(object("jobs", job, "--json"))
                .filter(found -> found.path("state").asText().equals(state)));
    }

    private String awaitOpen() throws Exception {
        return await(() -> Optional.of(object("jobs", "--json").path("jobs").path(0))
                        .filter(job -> job.path("state").asText().equals("running")
                                && job.path("progress")
                                        .valueStream()
                                        .anyMatch(image -> image.path("step").asInt() > 20)))
                .path("job_id")
                .asText();
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    private interface Look {
        Optional<JsonNode> look() throws Exception;
    }

    private static JsonNode await(Look look) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        Optional<JsonNode> seen = look.look();
        while (seen.isEmpty()) {
            assertThat(System.nanoTime()).as("within two minutes").isLessThan(end);
            seen = look.look();
        }
        return seen.get();
    }

    private JsonNode object(String... arguments) throws Exception {
        var finished = run(arguments);
        assertThat(finished.out()).as("%s", finished.err()).hasSize(1);
        return JSON.readTree(finished.out().getFirst());
    }

    private WurstwerkProcess.Finished run(String... arguments) throws Exception {
        return WurstwerkProcess.run(folder, arguments);
    }

    private WurstwerkProcess up() throws Exception {
        List<Integer> ports = freePorts();
        return WurstwerkProcess.start(
                folder,
                "up",
                "--json",
                "--kafka-port=" + ports.get(0),
                "--s3-port=" + ports.get(1),
                "--triton-port=" + ports.get(2),
                "--triton-health-port=" + ports.get(3),
                "--triton-metrics-port=" + ports.get(4),
                "--http-port=" + ports.get(5));
    }

    private static List<Integer> freePorts() {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                sockets.add(new ServerSocket(0));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
