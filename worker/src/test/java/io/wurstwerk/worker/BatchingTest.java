package io.wurstwerk.worker;

import static io.wurstwerk.worker.TritonClient.affine;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to requests that wait, seen from outside, with executions that wait for the test. */
@Timeout(60)
class BatchingTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final GatedLoader gate = new GatedLoader();
    private Worker worker;
    private TritonClient client;

    @BeforeEach
    void start() throws IOException {
        worker = Worker.start(
                WorkerOptions.of(TritonClient.REPOSITORY)
                        .withHttpPort(0)
                        .withMetricsPort(0)
                        .withLimits(new WorkerOptions.Limits(1 << 20, 6, 1 << 20, 100)),
                gate);
        client = new TritonClient(worker.grpcPort());
    }

    @AfterEach
    void stop() {
        gate.open(1000);
        client.close();
        worker.close();
    }

    private ListenableFuture<ModelInferResponse> send(ModelInferRequest request) throws InterruptedException {
        int before = pending();
        ListenableFuture<ModelInferResponse> answer = client.futures().modelInfer(request);
        // Arrival order is part of what is tested, so each request is seen in the queue before the next is sent.
        while (pending() == before && !answer.isDone()) {
            Thread.onSpinWait();
        }
        return answer;
    }

    private int pending() {
        return metric("nv_inference_pending_request_count{model=\"affine\",version=\"1\"}");
    }

    private int metric(String series) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToInt(line -> Integer.parseInt(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private String metrics() {
        try {
            return get(worker.metricsPort(), "/metrics").body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private List<ListenableFuture<ModelInferResponse>> behindABlocker(ModelInferRequest... requests)
            throws InterruptedException {
        List<ListenableFuture<ModelInferResponse>> answers = new ArrayList<>();
        answers.add(client.futures().modelInfer(affine("blocker", 1, 1, 0)));
        assertThat(gate.nextExecution()).containsExactly("blocker");
        for (ModelInferRequest request : requests) {
            answers.add(send(request));
        }
        return answers;
    }

    @Test
    void waitingRequestsOfEqualShapesRunTogetherAndEachGetsItsOwnAnswer() throws Exception {
        List<ModelInferRequest> requests =
                List.of(affine("a", 1, 3, 100), affine("b", 2, 3, 200), affine("c", 1, 3, 300));
        var answers = behindABlocker(requests.toArray(ModelInferRequest[]::new));
        gate.open(1);
        assertThat(gate.nextExecution()).containsExactly("a", "b", "c");
        gate.open(1);
        for (int i = 0; i < requests.size(); i++) {
            ModelInferResponse response = answers.get(i + 1).get();
            assertThat(response.getId()).isEqualTo(requests.get(i).getId());
            TritonClient.assertAffine(requests.get(i), response);
        }
        ModelStatistics statistics = client.calls()
                .modelStatistics(
                        ModelStatisticsRequest.newBuilder().setName("affine").build())
                .getModelStats(0);
        assertThat(statistics.getExecutionCount()).isEqualTo(2);
        assertThat(statistics.getInferenceCount()).isEqualTo(5);
        assertThat(statistics.getInferenceStats().getSuccess().getCount()).isEqualTo(4);
        assertThat(metric("nv_inference_exec_count{model=\"affine\",version=\"1\"}"))
                .isEqualTo(2);
        assertThat(metric("nv_inference_count{model=\"affine\",version=\"1\"}")).isEqualTo(5);
        assertThat(metric("nv_inference_request_success{model=\"affine\",version=\"1\"}"))
                .isEqualTo(4);
    }

    @Test
    void anotherShapeClosesTheBatchAndIsNotPassedBy() throws Exception {
        behindABlocker(affine("a", 1, 3, 1), affine("wide", 1, 4, 1), affine("b", 1, 3, 1));
        gate.open(4);
        assertThat(gate.nextExecution()).containsExactly("a");
        assertThat(gate.nextExecution()).containsExactly("wide");
        assertThat(gate.nextExecution()).containsExactly("b");
    }

    @Test
    void aRequestIsNeverSplit() throws Exception {
        behindABlocker(affine("a", 3, 3, 1), affine("b", 2, 3, 1), affine("c", 2, 3, 1));
        gate.open(3);
        assertThat(gate.nextExecution()).containsExactly("a");
        assertThat(gate.nextExecution()).containsExactly("b", "c");
    }

    @Test
    void aCancelledRequestLeavesTheQueue() throws Exception {
        var answers = behindABlocker(affine("a", 1, 3, 1), affine("b", 1, 3, 1));
        answers.get(1).cancel(true);
        while (pending() != 1) {
            Thread.onSpinWait();
        }
        gate.open(2);
        assertThat(gate.nextExecution()).containsExactly("b");
        answers.get(2).get();
        assertThat(metric("nv_inference_request_failure{model=\"affine\",reason=\"CANCELED\",version=\"1\"}"))
                .isEqualTo(1);
    }

    @Test
    void aRunningRequestWhoseCallerLeftFinishesAndCounts() throws Exception {
        Context.CancellableContext context = Context.current().withCancellation();
        context.run(() -> client.futures().modelInfer(affine("left", 1, 1, 0)));
        assertThat(gate.nextExecution()).containsExactly("left");
        context.cancel(null);
        gate.open(1);
        while (metric("nv_inference_request_success{model=\"affine\",version=\"1\"}") == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aFullQueueRefuses() throws Exception {
        behindABlocker(
                affine("1", 1, 1, 0),
                affine("2", 1, 1, 0),
                affine("3", 1, 1, 0),
                affine("4", 1, 1, 0),
                affine("5", 1, 1, 0),
                affine("6", 1, 1, 0));
        TritonClient.assertRefused(
                () -> client.calls().modelInfer(affine("", 1, 1, 0)),
                Status.Code.UNAVAILABLE,
                "[request id: <id_unknown>] Exceeds maximum queue size");
        assertThat(metrics())
                .contains("nv_inference_request_failure{model=\"affine\",reason=\"REJECTED\",version=\"1\"} 0");
    }

    @Test
    void stoppingFinishesWhatWasAcceptedAndRefusesTheRest() throws Exception {
        var answers = behindABlocker(affine("a", 1, 3, 1));
        CompletableFuture<Void> closing = CompletableFuture.runAsync(worker::close);
        while (worker.ready()) {
            Thread.onSpinWait();
        }
        TritonClient.assertRefused(
                () -> client.calls().modelInfer(affine("late", 1, 3, 1)),
                Status.Code.UNAVAILABLE,
                "[request id: late] Server is stopping, scheduler for model has stopped accepting new inference"
                        + " requests");
        TritonClient.assertRefused(
                () -> client.calls().serverReady(ServerReadyRequest.getDefaultInstance()),
                Status.Code.UNAVAILABLE,
                "Server exiting");
        TritonClient.assertRefused(
                () -> client.calls().modelStatistics(ModelStatisticsRequest.getDefaultInstance()),
                Status.Code.UNAVAILABLE,
                "Server not ready");
        assertThat(get(worker.httpPort(), "/v2/health/ready").statusCode()).isEqualTo(400);
        assertThat(get(worker.httpPort(), "/v2/health/live").statusCode()).isEqualTo(400);
        gate.open(1000);
        assertThat(answers.get(0).get().getId()).isEqualTo("blocker");
        assertThat(answers.get(1).get().getId()).isEqualTo("a");
        closing.get();
        assertThat(worker.drained()).isTrue();
    }

    private static Status statusOf(ListenableFuture<ModelInferResponse> answer) throws InterruptedException {
        try {
            answer.get();
            throw new AssertionError("answered");
        } catch (ExecutionException e) {
            return ((StatusRuntimeException) e.getCause()).getStatus();
        }
    }

    @Test
    void stoppingIsBoundedAndGivesUpWhatStillWaits() throws Exception {
        GatedLoader shut = new GatedLoader();
        try (Worker impatient =
                        Worker.start(WorkerOptions.of(TritonClient.REPOSITORY).withExitTimeout(Duration.ZERO), shut);
                TritonClient other = new TritonClient(impatient.grpcPort())) {
            var running = other.futures().modelInfer(affine("running", 1, 1, 0));
            assertThat(shut.nextExecution()).containsExactly("running");
            impatient.close();
            assertThat(impatient.drained()).isFalse();
            assertThat(statusOf(running).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(statusOf(running).getDescription()).isEqualTo("Server exiting");
        }
    }
}
