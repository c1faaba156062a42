package io.wurstwerk.worker;

import static io.wurstwerk.worker.TritonClient.affine;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelStreamInferResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StreamTest {
    private static Worker worker;
    private static TritonClient client;

    @BeforeAll
    static void start() throws IOException {
        worker = Worker.start(WorkerOptions.of(TritonClient.REPOSITORY));
        client = new TritonClient(worker.grpcPort());
    }

    @AfterAll
    static void stop() {
        client.close();
        worker.close();
    }

    private static final class Answers implements StreamObserver<ModelStreamInferResponse> {
        private final List<ModelStreamInferResponse> responses = new ArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private Status status = Status.OK;

        @Override
        public synchronized void onNext(ModelStreamInferResponse response) {
            responses.add(response);
        }

        @Override
        public synchronized void onError(Throwable failure) {
            status = Status.fromThrowable(failure);
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            ended.countDown();
        }

        void await() throws InterruptedException {
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        }

        synchronized ModelStreamInferResponse to(String id) {
            return responses.stream()
                    .filter(response -> response.getInferResponse().getId().equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Answers stream(Metadata headers, ModelInferRequest... requests) throws InterruptedException {
        Answers answers = new Answers();
        StreamObserver<ModelInferRequest> stream = client.streams()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .modelStreamInfer(answers);
        for (ModelInferRequest request : requests) {
            stream.onNext(request);
        }
        stream.onCompleted();
        answers.await();
        return answers;
    }

    @Test
    void everyRequestIsAnsweredAndMarkedFinal() throws InterruptedException {
        ModelInferRequest[] requests = new ModelInferRequest[600];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = affine("id-" + i, 1 + i % 4, 2, i);
        }
        Answers answers = stream(new Metadata(), requests);
        assertThat(answers.status.isOk()).isTrue();
        assertThat(answers.responses).hasSize(600);
        for (ModelInferRequest request : requests) {
            ModelStreamInferResponse response = answers.to(request.getId());
            assertThat(response.getErrorMessage()).isEmpty();
            assertThat(response.getInferResponse()
                            .getParametersOrThrow("triton_final_response")
                            .getBoolParam())
                    .isTrue();
            TritonClient.assertAffine(request, response.getInferResponse());
        }
    }
}
