package io.wurstwerk.worker.protocol;

import io.grpc.stub.ServerCallStreamObserver;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.inference.OutputTensor;
import io.wurstwerk.worker.inference.ResponseWriter;
import io.wurstwerk.worker.repository.ModelRepository;
import io.wurstwerk.worker.repository.ServedModel;
import io.wurstwerk.worker.scheduling.Completion;
import io.wurstwerk.worker.scheduling.Scheduler.Cancellation;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Unary ModelInfer: one request, one answer, and a caller who may leave. */
final class InferenceCall implements Completion {
    private final ServedModel model;
    private final String id;
    private final ServerCallStreamObserver<ModelInferResponse> response;

    private InferenceCall(ServedModel model, String id, ServerCallStreamObserver<ModelInferResponse> response) {
        this.model = model;
        this.id = id;
        this.response = response;
    }

    static void start(
            ModelRepository repository,
            ModelInferRequest request,
            ServerCallStreamObserver<ModelInferResponse> response) {
        AtomicReference<Cancellation> cancellation = new AtomicReference<>(() -> {});
        response.setOnCancelHandler(() -> cancellation.get().cancel());
        try {
            ServedModel model = repository.find(request.getModelName(), request.getModelVersion());
            InferenceRequest checked = model.reader().read(request);
            Cancellation queued =
                    model.scheduler().submit(checked, new InferenceCall(model, request.getId(), response));
            cancellation.set(queued);
            // The caller may have left before the handler knew what to cancel.
            if (response.isCancelled()) {
                queued.cancel();
            }
        } catch (InferenceException e) {
            response.onError(e.status().asRuntimeException());
        }
    }

    @Override
    public void succeeded(List<OutputTensor> outputs) {
        if (response.isCancelled()) {
            return;
        }
        response.onNext(ResponseWriter.write(model.name(), model.version(), id, outputs));
        response.onCompleted();
    }

    @Override
    public void failed(InferenceException failure) {
        if (!response.isCancelled()) {
            response.onError(failure.status().asRuntimeException());
        }
    }
}
