package io.wurstwerk.worker.protocol;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.*;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.RequestReader;
import io.wurstwerk.worker.repository.IndexEntry;
import io.wurstwerk.worker.repository.ModelRepository;
import io.wurstwerk.worker.repository.ServedModel;
import java.util.List;

/**
 * Triton's inference service. Loading and unloading, shared memory, tracing and log settings answer as a Triton that
 * has them switched off.
 */
public final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private static final Context.Key<Boolean> GRPC_ERRORS = Context.keyWithDefault("triton_grpc_error", false);
    private static final Metadata.Key<String> GRPC_ERRORS_HEADER =
            Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);
    /** What is offered beyond the plain protocol, by the names that server metadata has for it. */
    public static final List<String> EXTENSIONS = List.of("model_configuration", "binary_tensor_data", "statistics");

    private static final String NO_POLLING = "explicit model load / unload is not allowed if polling is enabled";

    private final ModelRepository repository;
    private final ServerState state;
    private final String version;

    public InferenceService(ModelRepository repository, ServerState state, String version) {
        this.repository = repository;
        this.state = state;
        this.version = version;
    }

    /** Reads the header with which a caller asks streams to end with a status at the first error. */
    public static ServerInterceptor interceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                boolean asked = "true".equals(headers.get(GRPC_ERRORS_HEADER));
                if (!asked) {
                    return next.startCall(call, headers);
                }
                Context context = Context.current().withValue(GRPC_ERRORS, true);
                return Contexts.interceptCall(context, call, headers, next);
            }
        };
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> response) {
        Answers.send(response, () -> {
            state.requireLive();
            return ServerLiveResponse.newBuilder().setLive(state.live()).build();
        });
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> response) {
        Answers.send(response, () -> {
            state.requireLive();
            return ServerReadyResponse.newBuilder().setReady(state.ready()).build();
        });
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> response) {
        Answers.send(
                response,
                () -> ServerMetadataResponse.newBuilder()
                        .setName(ServerState.NAME)
                        .setVersion(version)
                        .addAllExtensions(EXTENSIONS)
                        .build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> response) {
        Answers.send(response, () -> {
            state.requireServing();
            boolean ready = repository.ready(request.getName(), request.getVersion());
            return ModelReadyResponse.newBuilder().setReady(ready).build();
        });
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> response) {
        Answers.send(response, () -> {
            state.requireServing();
            ServedModel model = repository.find(request.getName(), request.getVersion());
            return ModelDescriptions.metadata(model, repository.served(request.getName()));
        });
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> response) {
        Answers.send(
                response,
                () -> ModelConfigResponse.newBuilder()
                        .setConfig(repository
                                .find(request.getName(), request.getVersion())
                                .spec()
                                .config())
                        .build());
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> response) {
        Answers.send(response, () -> {
            state.requireServing();
            ModelStatisticsResponse.Builder statistics = ModelStatisticsResponse.newBuilder();
            counted(request.getName(), request.getVersion())
                    .forEach(model -> statistics.addModelStats(ModelDescriptions.statistics(model)));
            return statistics.build();
        });
    }

    private List<ServedModel> counted(String name, String version) throws InferenceException {
        if (name.isEmpty()) {
            return repository.served();
        }
        boolean any = !repository.served(name).isEmpty();
        if (!repository.ready(name, version)) {
            throw invalid(
                    any
                            ? "requested model version is not available for model '" + name + "'"
                            : "requested model '" + name + "' is not available");
        }
        return version.isEmpty() ? repository.served(name) : List.of(repository.find(name, version));
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> response) {
        InferenceCall.start(repository, request, (ServerCallStreamObserver<ModelInferResponse>) response);
    }

    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> responses) {
        return new InferenceStream(
                repository, (ServerCallStreamObserver<ModelStreamInferResponse>) responses, GRPC_ERRORS.get());
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> response) {
        Answers.send(response, () -> {
            requireNoRepositoryName(request.getRepositoryName());
            state.requireServing();
            RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
            for (IndexEntry entry : repository.index()) {
                if (entry.ready() || !request.getReady()) {
                    index.addModelsBuilder()
                            .setName(entry.name())
                            .setVersion(entry.version())
                            .setState(entry.ready() ? "READY" : "UNAVAILABLE")
                            .setReason(entry.reason());
                }
            }
            return index.build();
        });
    }

    private static void requireNoRepositoryName(String name) throws InferenceException {
        if (!name.isEmpty()) {
            throw new InferenceException(Status.Code.UNIMPLEMENTED, "'repository_name' specification is not supported");
        }
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> response) {
        Answers.send(response, () -> {
            requireNoRepositoryName(request.getRepositoryName());
            throw new InferenceException(Status.Code.UNAVAILABLE, NO_POLLING);
        });
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> response) {
        Answers.send(response, () -> {
            requireNoRepositoryName(request.getRepositoryName());
            throw new InferenceException(Status.Code.UNAVAILABLE, NO_POLLING);
        });
    }

    @Override
    public void systemSharedMemoryStatus(
            SystemSharedMemoryStatusRequest request, StreamObserver<SystemSharedMemoryStatusResponse> response) {
        Answers.send(response, () -> {
            requireAllRegions("system", request.getName());
            return SystemSharedMemoryStatusResponse.getDefaultInstance();
        });
    }

    @Override
    public void cudaSharedMemoryStatus(
            CudaSharedMemoryStatusRequest request, StreamObserver<CudaSharedMemoryStatusResponse> response) {
        Answers.send(response, () -> {
            requireAllRegions("cuda", request.getName());
            return CudaSharedMemoryStatusResponse.getDefaultInstance();
        });
    }

    private static void requireAllRegions(String kind, String region) throws InferenceException {
        if (!region.isEmpty()) {
            throw new InferenceException(
                    Status.Code.NOT_FOUND, "Unable to find " + kind + " shared memory region: '" + region + "'");
        }
    }

    @Override
    public void systemSharedMemoryRegister(
            SystemSharedMemoryRegisterRequest request, StreamObserver<SystemSharedMemoryRegisterResponse> response) {
        Answers.send(response, () -> {
            throw RequestReader.sharedMemoryDisabled();
        });
    }

    @Override
    public void cudaSharedMemoryRegister(
            CudaSharedMemoryRegisterRequest request, StreamObserver<CudaSharedMemoryRegisterResponse> response) {
        Answers.send(response, () -> {
            throw RequestReader.sharedMemoryDisabled();
        });
    }

    @Override
    public void systemSharedMemoryUnregister(
            SystemSharedMemoryUnregisterRequest request,
            StreamObserver<SystemSharedMemoryUnregisterResponse> response) {
        Answers.send(response, SystemSharedMemoryUnregisterResponse::getDefaultInstance);
    }

    @Override
    public void cudaSharedMemoryUnregister(
            CudaSharedMemoryUnregisterRequest request, StreamObserver<CudaSharedMemoryUnregisterResponse> response) {
        Answers.send(response, CudaSharedMemoryUnregisterResponse::getDefaultInstance);
    }
}
