package io.wurstwerk.worker.contract;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.triton.protocol.ModelStreamInferResponse;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import io.wurstwerk.worker.TritonClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A client of one server that puts what it sees into words. */
final class Conversation implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServerAddress address;
    private final TritonClient client;
    private final HttpClient http = HttpClient.newHttpClient();

    Conversation(ServerAddress address) {
        this.address = address;
        this.client = new TritonClient(address.grpc());
    }

    TritonClient client() {
        return client;
    }

    /** The answer of a unary call in the text form of protobuf, or its status. */
    String call(Callable<? extends MessageOrBuilder> call) throws Exception {
        try {
            MessageOrBuilder answer = call.call();
            return answer instanceof ModelInferResponse inference
                    ? tensors(inference)
                    : "OK\n" + TextFormat.printer().printToString(answer);
        } catch (StatusRuntimeException e) {
            return status(e.getStatus());
        }
    }

    String infer(ModelInferRequest.Builder request) throws Exception {
        return call(() -> client.calls().modelInfer(request.build()));
    }

    static String status(Status status) {
        return status.getDescription() == null
                ? status.getCode().toString()
                : status.getCode() + ": " + status.getDescription();
    }

    private static String tensors(ModelInferResponse response) {
        StringBuilder text = new StringBuilder("OK " + response.getModelName() + " version "
                + response.getModelVersion() + " id '" + response.getId() + "'");
        response.getParametersMap().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> text.append(' ')
                        .append(entry.getKey())
                        .append('=')
                        .append(TextFormat.printer().shortDebugString(entry.getValue())));
        text.append('\n');
        for (int i = 0; i < response.getOutputsCount(); i++) {
            ModelInferResponse.InferOutputTensor output = response.getOutputs(i);
            text.append(output.getName())
                    .append(' ')
                    .append(output.getDatatype())
                    .append(output.getShapeList())
                    .append(output.hasContents() ? " typed" : " ")
                    .append(values(output.getDatatype(), response.getRawOutputContents(i)))
                    .append('\n');
        }
        return text.toString();
    }

    private static String values(String type, ByteString raw) {
        return type.equals("FP32")
                ? Arrays.toString(TritonClient.floats(raw))
                : HexFormat.of().formatHex(raw.toByteArray());
    }

    /** Everything that comes back on a stream, ordered by id, and how it ended. */
    String stream(Metadata headers, List<ModelInferRequest> requests) throws Exception {
        StreamAnswers answers = new StreamAnswers();
        StreamObserver<ModelInferRequest> stream = client.streams()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .modelStreamInfer(answers);
        requests.forEach(stream::onNext);
        stream.onCompleted();
        await(answers.ended);
        String responses = answers.responses.stream()
                .map(response -> response.getErrorMessage().isEmpty()
                        ? tensors(response.getInferResponse())
                        : "id '" + response.getInferResponse().getId() + "' error " + response.getErrorMessage() + "\n")
                .sorted()
                .collect(Collectors.joining());
        return responses + status(answers.status);
    }

    static void await(CountDownLatch latch) throws InterruptedException, TimeoutException {
        if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new TimeoutException("no end after " + PATIENCE);
        }
    }

    private static final class StreamAnswers implements StreamObserver<ModelStreamInferResponse> {
        private final List<ModelStreamInferResponse> responses = new CopyOnWriteArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile Status status = Status.OK;

        @Override
        public void onNext(ModelStreamInferResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            status = Status.fromThrowable(failure);
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            ended.countDown();
        }
    }

    /** Status and body of an HTTP request to the health port. */
    String http(String method, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(address.http(), method, path);
        return response.statusCode() + " " + response.body();
    }

    /** The lines of the metrics page that begin with {@code prefix}, in alphabetical order. */
    List<String> metrics(String prefix) throws IOException, InterruptedException {
        return send(address.metrics(), "GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .sorted()
                .toList();
    }

    private HttpResponse<String> send(String server, String method, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + server + path))
                        .timeout(PATIENCE)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until the server has loaded its models. */
    void awaitReady(Duration patience) throws InterruptedException, TimeoutException {
        long limit = System.nanoTime() + patience.toNanos();
        while (!ready()) {
            if (System.nanoTime() > limit) {
                throw new TimeoutException("not ready after " + patience);
            }
            Thread.sleep(200);
        }
    }

    private boolean ready() {
        try {
            return client.calls()
                    .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .serverReady(ServerReadyRequest.getDefaultInstance())
                    .getReady();
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    ModelStatistics statistics(String model) {
        return client.calls()
                .modelStatistics(
                        ModelStatisticsRequest.newBuilder().setName(model).build())
                .getModelStats(0);
    }

    @Override
    public void close() {
        client.close();
        http.close();
    }
}
