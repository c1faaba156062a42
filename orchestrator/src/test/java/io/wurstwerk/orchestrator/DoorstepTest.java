package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.awaitReady;
import static io.wurstwerk.orchestrator.stack.Parts.config;
import static io.wurstwerk.orchestrator.stack.Parts.withBucket;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.stack.ApiClient;
import io.wurstwerk.orchestrator.stack.KeysResource;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.StackResource;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes of requests that get no further than the doorstep, byte for byte, and that none gets past the door. */
@QuarkusTest
@WithTestResource(StackResource.class)
@WithTestResource(KeysResource.class)
class DoorstepTest {

    private static final int PATIENCE = 30_000;
    private static final String QUICK = "{\"prompt\": \"a star\", \"prior_num_inference_steps\": 3,"
            + " \"num_inference_steps\": 2, \"width\": 128, \"height\": 128}";

    @TempDir
    static Path objects;

    private static Parts parts;
    private static ApiClient acme;

    @BeforeAll
    static void start() throws Exception {
        parts = new Parts(withBucket(objects));
        acme = new ApiClient(config("test.url"), KeysResource.ACME);
        awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        parts.close();
    }

    @Test
    void whatIsNotHttpIsToldSoInHttp() throws Exception {
        for (String line : List.of(
                "GET /v1/lanes H\u00d1TTP/1.1",
                "GET /v1/lanes HTTP/1.21",
                "GET /q/health/live ICAP/1.0",
                "PRI * HTTP/2.0")) {
            assertProblem(
                    asked(line + "\r\nHost: x\r\n\r\n"),
                    400,
                    "invalid_request",
                    "HTTP/1.1 and HTTP/1.0 are spoken here");
        }
    }

    @Test
    void whoSaysNotWhomTheyAskIsToldTo() throws Exception {
        long before = errors();
        for (String head : List.of(
                "POST /..;/q/metrics HTTP/1.1\r\nContent-Length: 0",
                "GET /v1/lanes HTTP/1.1\r\nHost: a:b:c",
                "OPTIONS * HTTP/1.1")) {
            assertProblem(
                    asked(head + "\r\nConnection: close\r\n\r\n"),
                    400,
                    "invalid_request",
                    "send the header Host once, with a name or an address");
        }
        assertThat(asked("GET /q/health/live HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200 OK\r\n");
        assertThat(errors()).isEqualTo(before);
    }

    /** A target that is no URI is refused by the framework, with nothing to read. */
    @Test
    void whatHasNoPathIsRefused() throws Exception {
        for (String target : List.of("*", "x", "http://", "/%zz")) {
            assertThat(asked("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .as(target)
                    .containsPattern("^HTTP/1\\.1 (400|404) ");
        }
    }

    @Test
    void aBodyWhoseChunksAreBrokenIsRefused() throws Exception {
        String head = "POST /v1/quote HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KeysResource.ACME
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
        for (String body : List.of("zz\r\n", "2\r\n{\"\r\nzz\r\n", "2\r\n{}{}\r\n")) {
            assertProblem(
                    asked(head + "\r\n" + body),
                    400,
                    "invalid_request",
                    "the chunks of the body are not those of HTTP/1.1: send Content-Length");
        }
    }

    @Test
    void whatChunksSayBesideTheirSizeIsReadOver() throws Exception {
        String head = "POST /v1/quote HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + KeysResource.ACME + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (String extension : List.of(";a", ";a=b", ";a=\"b c\";d=e")) {
            assertThat(asked(head + "1" + extension
                            + "\r\n{\r\n11;x\r\n\"prompt\": \"star\"}\r\n0\r\nX-Late: 1\r\n\r\n"))
                    .as(extension)
                    .startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void aBrokenBodyThatNobodyReadsTakesNoAnswerAway() throws Exception {
        String head = "POST /v1/images/none/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KeysResource.ACME
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (int i = 0; i < 20; i++) {
            assertThat(asked(head + "3\r\n{\"a\r\n3;a=\u0000\r\n")).containsPattern("^HTTP/1\\.1 (400|405) ");
        }
    }

    @Test
    void whoAsksAgainBeforeTheAnswerHasToAskAgainAfterIt() throws Exception {
        String one = "GET /q/health/live HTTP/1.1\r\nHost: x\r\n\r\n";
        String answer = asked(one + one + one);
        assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").containsIgnoringCase("\r\nconnection: close\r\n");
        assertThat(answer.split("HTTP/1.1 200 OK", -1)).hasSize(2);
    }

    @Test
    void aConnectionThatEndsInTheMiddleOfARequestGivesItsPlaceBack() throws Exception {
        parts.triton.hold();
        String job = acme.post("/v1/images", QUICK).job();
        String watch = "GET /v1/images/" + job + "/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + KeysResource.ACME + "\r\n\r\n";
        String half = "POST /v1/quote HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KeysResource.ACME
                + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        long errors = errors();
        double before = connections();
        connected(half).close();
        try (Socket socket = connected(watch + half)) {
            assertThat(socket.getInputStream().readNBytes(15))
                    .asString(ISO_8859_1)
                    .isEqualTo("HTTP/1.1 200 OK");
        }
        await(() -> connections() <= before);
        parts.triton.release();
        assertThat(errors()).isEqualTo(errors);
    }

    /** Those that are open now, with the one that asks. */
    private static double connections() throws IOException {
        String metrics = asked("GET /q/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        return metrics.lines()
                .filter(line -> line.startsWith("http_server_connections_seconds_active_count"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void noWayToWriteAPathLeadsPastTheDoor() throws Exception {
        for (String path : List.of(
                "/v1/images",
                "//v1/images",
                "/v1//images",
                "/./v1/images",
                "/x/../v1/images",
                "/v1;a=b/images",
                "/v1/;a/images",
                "/v1/images;a=b",
                "/%76%31/images",
                "/v1%2fimages",
                "/q/..;/v1/images",
                "/q/%2e%2e/v1/images",
                "http://x/v1/images")) {
            String answer = asked("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(path).containsPattern("^HTTP/1\\.1 (401|404) ");
        }
    }

    private static void assertProblem(String answer, int status, String code, String detail) throws Exception {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .containsIgnoringCase("\r\ncontent-type: application/problem+json")
                .containsIgnoringCase("\r\nx-content-type-options: nosniff\r\n")
                .containsIgnoringCase("\r\nconnection: close\r\n");
        JsonNode problem = new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n")));
        assertThat(problem.path("status").intValue()).isEqualTo(status);
        assertThat(problem.path("code").textValue()).isEqualTo(code);
        assertThat(problem.path("detail").textValue()).isEqualTo(detail);
    }

    /** All that comes until the server closes the connection. */
    private static String asked(String bytes) throws IOException {
        try (Socket socket = connected(bytes)) {
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static Socket connected(String bytes) throws IOException {
        URI url = URI.create(config("test.url"));
        Socket socket = new Socket(url.getHost(), url.getPort());
        socket.setSoTimeout(PATIENCE);
        socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        return socket;
    }

    private static long errors() throws IOException {
        try (var lines = Files.lines(StackResource.LOG, ISO_8859_1)) {
            return lines.filter(line -> line.contains(" ERROR [") || line.startsWith("\tat "))
                    .count();
        }
    }
}
