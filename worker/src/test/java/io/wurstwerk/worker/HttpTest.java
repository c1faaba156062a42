package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Worker worker;

    @BeforeAll
    static void start() throws IOException {
        worker = Worker.start(
                WorkerOptions.of(TritonClient.REPOSITORY).withHttpPort(0).withMetricsPort(0));
    }

    @AfterAll
    static void stop() {
        worker.close();
    }

    private static HttpResponse<String> send(String method, int port, String path)
            throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v2/health/live, 200, ''",
        "GET, /v2/health/ready, 200, ''",
        "GET, /v2/models/affine/ready, 200, ''",
        "GET, /v2/models/affine/versions/1/ready, 200, ''",
        "GET, /v2/models/affine/versions/9/ready, 400, '{\"error\":\"Model version not ready\"}'",
        "GET, /v2/models/nope/ready, 400, '{\"error\":\"Model version not ready\"}'",
        "GET, /v2/nope, 404, '{\"error\":\"Not Found\"}'",
        "POST, /v2/health/live, 405, '{\"error\":\"Method Not Allowed\"}'",
    })
    void healthPathsAnswerAsTritonDoes(String method, String path, int status, String body) throws Exception {
        HttpResponse<String> response = send(method, worker.httpPort(), path);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(body);
    }

    @Test
    void theServerNamesItself() throws Exception {
        assertThat(send("GET", worker.httpPort(), "/v2").body())
                .isEqualTo("{\"name\":\"triton\",\"version\":\"2.51.0+wurstwerk\",\"extensions\":[]}");
    }

    @ParameterizedTest
    @CsvSource({
        "nv_inference_request_success, counter",
        "nv_inference_count, counter",
        "nv_inference_exec_count, counter",
        "nv_inference_request_duration_us, counter",
        "nv_inference_queue_duration_us, counter",
        "nv_inference_compute_input_duration_us, counter",
        "nv_inference_compute_infer_duration_us, counter",
        "nv_inference_compute_output_duration_us, counter",
        "nv_inference_pending_request_count, gauge",
    })
    void metricsHaveTritonsNamesTypesAndLabels(String name, String type) throws Exception {
        HttpResponse<String> response = send("GET", worker.metricsPort(), "/metrics");
        assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(response.body().lines())
                .contains("# TYPE " + name + " " + type, name + "{model=\"kinds\",version=\"1\"} 0");
    }

    @Test
    void failuresAreCountedByReason() throws Exception {
        assertThat(send("GET", worker.metricsPort(), "/metrics").body().lines())
                .contains(
                        "nv_inference_request_failure{model=\"kinds\",reason=\"REJECTED\",version=\"1\"} 0",
                        "nv_inference_request_failure{model=\"kinds\",reason=\"CANCELED\",version=\"1\"} 0",
                        "nv_inference_request_failure{model=\"kinds\",reason=\"BACKEND\",version=\"1\"} 0",
                        "nv_inference_request_failure{model=\"kinds\",reason=\"OTHER\",version=\"1\"} 0");
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
