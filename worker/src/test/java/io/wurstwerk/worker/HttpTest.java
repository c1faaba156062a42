package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The HTTP ports as such; what they answer is in the contract's tests. */
class HttpTest {
    @Test
    void metricsAreSentAsPrometheusReadsThem() throws Exception {
        try (Worker worker =
                        Worker.start(WorkerOptions.of(TritonClient.REPOSITORY).withMetricsPort(0));
                HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + worker.metricsPort() + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        }
    }

    @Test
    void portsThatAreNotAskedForAreNotOpened() throws IOException {
        try (Worker quiet = Worker.start(WorkerOptions.of(TritonClient.REPOSITORY))) {
            assertThat(quiet.httpPort()).isEqualTo(WorkerOptions.OFF);
            assertThat(quiet.metricsPort()).isEqualTo(WorkerOptions.OFF);
            assertThat(quiet.grpcPort()).isPositive();
        }
    }
}
