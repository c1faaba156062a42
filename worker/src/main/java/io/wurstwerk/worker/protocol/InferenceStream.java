package io.wurstwerk.worker.protocol;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelStreamInferResponse;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.inference.OutputTensor;
import io.wurstwerk.worker.inference.ResponseWriter;
import io.wurstwerk.worker.repository.ModelRepository;
import io.wurstwerk.worker.repository.ServedModel;
import io.wurstwerk.worker.scheduling.Completion;
import io.wurstwerk.worker.scheduling.Scheduler.Cancellation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ModelStreamInfer: many requests on one stream. Answers come as they are ready. A failed request is answered with an
 * error message and the stream goes on, unless the caller asked for gRPC errors: then the first run that fails ends it.
 * A request that never came to run is answered with a message all the same, as Triton does.
 */
final class InferenceStream implements StreamObserver<ModelInferRequest> {
    private static final InferParameter TRUE =
            InferParameter.newBuilder().setBoolParam(true).build();
    private static final int MOST_OPEN_REQUESTS = 256;

    private final ModelRepository repository;
    private final ServerCallStreamObserver<ModelStreamInferResponse> responses;
    private final boolean grpcErrors;

    // Guarded by this.
    private final Map<Completion, Cancellation> open = new HashMap<>();
    private boolean callerDone;
    private boolean ended;
    private boolean readingPaused;

    InferenceStream(
            ModelRepository repository,
            ServerCallStreamObserver<ModelStreamInferResponse> responses,
            boolean grpcErrors) {
        this.repository = repository;
        this.responses = responses;
        this.grpcErrors = grpcErrors;
        responses.setOnCancelHandler(this::abandon);
        responses.setOnReadyHandler(this::readOn);
        responses.disableAutoRequest();
        responses.request(1);
    }

    @Override
    public void onNext(ModelInferRequest request) {
        Answer answer = new Answer(request.getId());
        try {
            ServedModel model = repository.find(request.getModelName(), request.getModelVersion());
            answer.model = model;
            InferenceRequest checked = model.reader().read(request);
            synchronized (this) {
                if (ended) {
                    return;
                }
                open.put(answer, () -> {});
            }
            Cancellation cancellation = model.scheduler().submit(checked, answer);
            remember(answer, cancellation);
        } catch (InferenceException e) {
            answer.refused(e);
        }
        synchronized (this) {
            readingPaused = true;
        }
        readOn();
    }

    private void remember(Answer answer, Cancellation cancellation) {
        boolean late;
        synchronized (this) {
            late = ended;
            open.computeIfPresent(answer, (known, nothing) -> cancellation);
        }
        if (late) {
            cancellation.cancel();
        }
    }

    /** Asks for the next request once the last was taken in and answers do not pile up. */
    private synchronized void readOn() {
        if (readingPaused && !ended && open.size() < MOST_OPEN_REQUESTS && responses.isReady()) {
            readingPaused = false;
            responses.request(1);
        }
    }

    @Override
    public void onError(Throwable failure) {
        abandon();
    }

    @Override
    public synchronized void onCompleted() {
        callerDone = true;
        completeIfDone();
    }

    private void abandon() {
        List<Cancellation> left;
        synchronized (this) {
            ended = true;
            left = List.copyOf(open.values());
            open.clear();
        }
        left.forEach(Cancellation::cancel);
    }

    private void completeIfDone() {
        if (callerDone && open.isEmpty() && !ended) {
            ended = true;
            responses.onCompleted();
        }
    }

    private synchronized void send(Completion answer, ModelStreamInferResponse response) {
        open.remove(answer);
        if (!ended && !responses.isCancelled()) {
            responses.onNext(response);
            completeIfDone();
            readOn();
        }
    }

    private void end(InferenceException failure) {
        synchronized (this) {
            if (!ended && !responses.isCancelled()) {
                responses.onError(failure.status().asRuntimeException());
            }
        }
        abandon();
    }

    private final class Answer implements Completion {
        private final String id;
        private @Nullable ServedModel model;

        Answer(String id) {
            this.id = id;
        }

        @Override
        public void succeeded(List<OutputTensor> outputs) {
            ServedModel answering = model;
            if (answering == null) {
                throw new IllegalStateException("answered before a model was found");
            }
            ModelInferResponse response =
                    ResponseWriter.write(answering.name(), answering.version(), id, outputs).toBuilder()
                            .putParameters("triton_final_response", TRUE)
                            .build();
            send(
                    this,
                    ModelStreamInferResponse.newBuilder()
                            .setInferResponse(response)
                            .build());
        }

        @Override
        public void failed(InferenceException failure) {
            if (grpcErrors) {
                end(failure);
            } else {
                refused(failure);
            }
        }

        void refused(InferenceException failure) {
            send(
                    this,
                    ModelStreamInferResponse.newBuilder()
                            .setErrorMessage(failure.getMessage())
                            .setInferResponse(ModelInferResponse.newBuilder().setId(id))
                            .build());
        }
    }
}
