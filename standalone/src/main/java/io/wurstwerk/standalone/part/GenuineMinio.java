package io.wurstwerk.standalone.part;

import io.wurstwerk.standalone.stack.Credentials;
import io.wurstwerk.standalone.stack.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A MinIO server over a folder. */
public final class GenuineMinio {
    private GenuineMinio() {}

    /**
     * Starts nothing yet.
     *
     * @param program MinIO's, as {@code standalone/conformance/install-minio.sh} builds it
     * @param port of S3; another one is taken for its console
     */
    public static PartProcess in(Path folder, Path program, int port, Credentials credentials) {
        String address = Ports.HOST + ":" + port;
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://" + address + "/minio/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        return new PartProcess(
                "minio",
                folder.resolve("logs"),
                List.of(
                        program.toString(),
                        "server",
                        "--quiet",
                        "--address",
                        address,
                        "--console-address",
                        Ports.HOST + ":" + Ports.freePort(),
                        folder.resolve("objects").toString()),
                Map.of(
                        "MINIO_ROOT_USER",
                        credentials.accessKey(),
                        "MINIO_ROOT_PASSWORD",
                        credentials.secretKey(),
                        "MINIO_BROWSER",
                        "off",
                        "MINIO_UPDATE",
                        "off"),
                _ -> answers(ready));
    }

    private static boolean answers(HttpRequest request) throws InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException starting) {
            return false;
        }
    }
}
