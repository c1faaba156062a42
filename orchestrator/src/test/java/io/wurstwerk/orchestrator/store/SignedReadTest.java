package io.wurstwerk.orchestrator.store;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.stack.S3Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real S3 server lets those do who have a signed URL: read one object, for a while. */
class SignedReadTest {
    private static final String KEY = "v1/a/b/0-c.png";

    @TempDir
    Path folder;

    private S3Server server;
    private ImageStore store;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void open() throws Exception {
        URI endpoint = URI.create("http://127.0.0.1:" + Ports.free());
        server = new S3Server(endpoint, Files.createDirectory(folder.resolve("objects")));
        Duration hour = Duration.ofHours(1);
        store = new ImageStore(
                new StoreSettings(
                        endpoint,
                        endpoint,
                        "us-east-1",
                        "wurstwerk",
                        S3Server.KEYS,
                        S3Server.READER,
                        hour,
                        Duration.ofMinutes(15),
                        "tenant",
                        null),
                ImageStore.Limits.DEFAULT);
        store.ensureBucket();
        store.putDocument(KEY, "an image".getBytes(UTF_8));
        store.putDocument(KEY + "2", "another image".getBytes(UTF_8));
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        store.close();
        server.close();
    }

    @Test
    void aUrlIsSignedByTheReaderAndReadsItsObject() throws Exception {
        URI url = store.presignedGet(KEY, store.apiUrlExpiry());
        assertThat(url.getQuery()).contains("X-Amz-Credential=" + S3Server.READER.access(), "X-Amz-Expires=900");
        HttpResponse<String> read = http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(read.body()).isEqualTo("an image");
    }

    @Test
    void aUrlDoesNothingElse() throws Exception {
        URI url = store.presignedGet(KEY, Duration.ofHours(1));
        assertThat(status(HttpRequest.newBuilder(url).PUT(BodyPublishers.ofString("mine"))))
                .isEqualTo(403);
        assertThat(status(HttpRequest.newBuilder(url).DELETE())).isEqualTo(403);
        assertThat(status(HttpRequest.newBuilder(URI.create(url.toString().replace(KEY + "?", KEY + "2?")))))
                .isEqualTo(403);
        assertThat(status(HttpRequest.newBuilder(
                        URI.create(url.toString().replace("X-Amz-Expires=3600", "X-Amz-Expires=604800")))))
                .isEqualTo(403);
        assertThat(status(HttpRequest.newBuilder(URI.create(url.toString().replaceAll("\\?.*", "")))))
                .isEqualTo(403);
        assertThat(store.get(KEY, 100))
                .hasValueSatisfying(kept -> assertThat(kept).isEqualTo("an image".getBytes(UTF_8)));
    }

    @Test
    void aUrlEnds() throws Exception {
        URI url = store.presignedGet(KEY, Duration.ofSeconds(1));
        await(() -> status(HttpRequest.newBuilder(url)) == 403);
    }

    @Test
    void theReaderCannotWrite() {
        var settings = new StoreSettings(
                store.publicEndpoint(), store.publicEndpoint(), "us-east-1", "wurstwerk", S3Server.READER, "tenant");
        try (var reader = new ImageStore(settings, ImageStore.Limits.DEFAULT)) {
            assertThatThrownBy(() -> reader.putDocument("v1/x", "{}".getBytes(UTF_8)))
                    .isInstanceOf(StoreException.class);
        }
    }

    /** Over a connection of its own: a server that refuses may close the one that it was asked on. */
    private static int status(HttpRequest.Builder request) throws Exception {
        try (HttpClient once = HttpClient.newHttpClient()) {
            return once.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }
}
