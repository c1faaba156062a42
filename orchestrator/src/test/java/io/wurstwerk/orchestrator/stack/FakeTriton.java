package io.wurstwerk.orchestrator.stack;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelConfigResponse;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelMetadataResponse;
import io.wurstwerk.triton.protocol.ModelMetadataResponse.TensorMetadata;
import io.wurstwerk.triton.protocol.ModelParameter;
import io.wurstwerk.triton.protocol.ModelReadyRequest;
import io.wurstwerk.triton.protocol.ModelReadyResponse;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import io.wurstwerk.triton.protocol.ServerReadyResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Speaks Triton's protocol over the real repository's configurations, with models that cost nothing: each is a fixed
 * function of its inputs. Can be told to err, to answer NaN, or to keep calls waiting.
 */
public final class FakeTriton implements AutoCloseable {
    private static final String STAGE_C = "stage_c";

    /** How Stage C behaves. */
    public enum Mood {
        FINE,
        NOT_A_NUMBER,
        INTERNAL_ERROR,
        REFUSING,
        UNAVAILABLE
    }

    public volatile Mood mood = Mood.FINE;

    /** Calls of Stage C that the server dies of: what runs then has to end its connections. */
    public volatile Predicate<ModelInferRequest> deadly = _ -> false;

    public volatile Runnable death = () -> {};

    /** The header {@code traceparent} of every call that had one. */
    public final Queue<String> traceparents = new ConcurrentLinkedQueue<>();

    private final Map<String, ModelConfig> configs = new HashMap<>();
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final Set<String> authorities = ConcurrentHashMap.newKeySet();
    private final AtomicInteger passing = new AtomicInteger();
    private volatile String held = STAGE_C;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final Server server;

    public FakeTriton(String endpoint, Path repository) throws IOException {
        this(endpoint, repository, InsecureServerCredentials.create());
    }

    public FakeTriton(String endpoint, Path repository, ServerCredentials credentials) throws IOException {
        try (var models = Files.list(repository)) {
            for (Path model : models.toList()) {
                var config = ModelConfig.newBuilder();
                TextFormat.merge(Files.readString(model.resolve("config.pbtxt")), config);
                if (config.getName().startsWith(STAGE_C)) {
                    config.putParameters("preview_weights", text("0.1 ".repeat(48)))
                            .putParameters("preview_bias", text("0.5 0.5 0.5"));
                }
                configs.put(config.getName(), config.build());
            }
        }
        URI address = URI.create("grpc://" + endpoint);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(address.getHost(), address.getPort()), credentials)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .addService(ServerInterceptors.intercept(new Service(), new Authorities(), new Traces()))
                .build()
                .start();
    }

    private static ModelParameter text(String value) {
        return ModelParameter.newBuilder().setStringValue(value).build();
    }

    /** Keeps every further Stage C call waiting until {@link #release()}. */
    public void hold() {
        holdAfter(0);
    }

    /** Lets so many more Stage C calls through and keeps the others waiting until {@link #release()}. */
    public void holdAfter(int more) {
        holdAfter(STAGE_C, more);
    }

    /**
     * Lets so many more calls through and keeps the others waiting until {@link #release()}.
     *
     * @param models what the names of the models begin with that are held
     */
    public void holdAfter(String models, int more) {
        held = models;
        passing.set(more);
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    /** What callers took the server for. */
    public Set<String> authorities() {
        return Set.copyOf(authorities);
    }

    /** Inferences asked of a model so far. */
    public int calls(String model) {
        return calls.computeIfAbsent(model, _ -> new AtomicInteger()).get();
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(5, TimeUnit.SECONDS);
    }

    /** Notes where the traces of calls stand. */
    private final class Traces implements ServerInterceptor {
        private static final Metadata.Key<String> KEY =
                Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String trace = headers.get(KEY);
            if (trace != null) {
                traceparents.add(trace);
            }
            return next.startCall(call, headers);
        }
    }

    private final class Service extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        @Override
        public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> answer) {
            answer(answer, ServerReadyResponse.newBuilder().setReady(true).build());
        }

        @Override
        public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answer) {
            boolean ready = configs.containsKey(request.getName());
            answer(answer, ModelReadyResponse.newBuilder().setReady(ready).build());
        }

        @Override
        public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> answer) {
            answer(
                    answer,
                    ModelConfigResponse.newBuilder()
                            .setConfig(configs.get(request.getName()))
                            .build());
        }

        @Override
        public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> answer) {
            ModelConfig config = configs.get(request.getName());
            var metadata = ModelMetadataResponse.newBuilder()
                    .setName(config.getName())
                    .addVersions("1")
                    .setPlatform("onnxruntime_onnx");
            config.getInputList()
                    .forEach(input -> metadata.addInputs(
                            tensor(input.getName(), input.getDataType().name(), input.getDimsList())));
            config.getOutputList()
                    .forEach(output -> metadata.addOutputs(
                            tensor(output.getName(), output.getDataType().name(), output.getDimsList())));
            answer(answer, metadata.build());
        }

        @Override
        public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
            String model = request.getModelName();
            calls.computeIfAbsent(model, _ -> new AtomicInteger()).incrementAndGet();
            if (model.startsWith(held)) {
                pass();
            }
            if (model.startsWith(STAGE_C)) {
                if (deadly.test(request)) {
                    death.run();
                    return;
                }
                switch (mood) {
                    case INTERNAL_ERROR -> {
                        answer.onError(Status.INTERNAL
                                .withDescription("onnx runtime error 6")
                                .asRuntimeException());
                        return;
                    }
                    case REFUSING -> {
                        answer.onError(Status.INVALID_ARGUMENT
                                .withDescription("unexpected shape for input 'x'")
                                .asRuntimeException());
                        return;
                    }
                    case UNAVAILABLE -> {
                        answer.onError(Status.UNAVAILABLE
                                .withDescription("Exceeds maximum queue size")
                                .asRuntimeException());
                        return;
                    }
                    case FINE, NOT_A_NUMBER -> {}
                }
            }
            answer(answer, infer(request));
        }
    }

    private final class Authorities implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            authorities.add(String.valueOf(call.getAuthority()));
            return next.startCall(call, headers);
        }
    }

    private void pass() {
        try {
            if (passing.getAndDecrement() <= 0 && !gate.await(30, TimeUnit.SECONDS)) {
                throw Status.DEADLINE_EXCEEDED.asRuntimeException();
            }
        } catch (InterruptedException stopped) {
            throw Status.UNAVAILABLE.asRuntimeException();
        }
    }

    private ModelInferResponse infer(ModelInferRequest request) {
        String model = request.getModelName();
        int batch = (int) request.getInputs(0).getShape(0);
        if (model.startsWith("text_encoder")) {
            long width = configs.get(model).getOutput(0).getDims(1);
            return floats(
                    request, "last_hidden_state", List.of((long) batch, 77L, width), states(request, (int) width));
        }
        if (model.equals("stage_a")) {
            return pixels(request, batch);
        }
        return floats(request, "eps", request.getInputs(0).getShapeList(), noise(request));
    }

    private static float[] states(ModelInferRequest request, int width) {
        var ids = request.getRawInputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer();
        float[] states = new float[ids.remaining() * width];
        for (int i = 0; i < states.length; i++) {
            states[i] = (float) Math.sin(ids.get(i / width) * 0.37 + i % width);
        }
        return states;
    }

    /** A tenth of the latents and a trace of the text, which is input 2 of Stage C and 3 of Stage B. */
    private float[] noise(ModelInferRequest request) {
        FloatBuffer x = values(request, 0);
        FloatBuffer text = values(request, request.getRawInputContentsCount() - 1);
        float[] noise = new float[x.remaining()];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = 0.1f * x.get(i) + 0.01f * text.get(i % text.remaining());
        }
        if (mood == Mood.NOT_A_NUMBER && request.getModelName().startsWith(STAGE_C)) {
            noise[noise.length / 2] = Float.NaN;
        }
        return noise;
    }

    private static ModelInferResponse pixels(ModelInferRequest request, int batch) {
        FloatBuffer latents = values(request, 0);
        long height = request.getInputs(0).getShape(2) * 4;
        long width = request.getInputs(0).getShape(3) * 4;
        byte[] pixels = new byte[(int) (batch * height * width * 3)];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.round(127 + 60 * Math.tanh(latents.get(i / 12 % latents.remaining())));
        }
        var response = ModelInferResponse.newBuilder().setModelName(request.getModelName());
        response.addOutputsBuilder()
                .setName("image")
                .setDatatype("UINT8")
                .addAllShape(List.of((long) batch, height, width, 3L));
        return response.addRawOutputContents(ByteString.copyFrom(pixels)).build();
    }

    private static FloatBuffer values(ModelInferRequest request, int input) {
        return request.getRawInputContents(input)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }

    private static ModelInferResponse floats(
            ModelInferRequest request, String output, List<Long> shape, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        var response = ModelInferResponse.newBuilder().setModelName(request.getModelName());
        response.addOutputsBuilder().setName(output).setDatatype("FP32").addAllShape(shape);
        return response.addRawOutputContents(ByteString.copyFrom(bytes)).build();
    }

    private static TensorMetadata tensor(String name, String type, List<Long> dims) {
        var shape = new ArrayList<Long>();
        shape.add(-1L);
        shape.addAll(dims);
        return TensorMetadata.newBuilder()
                .setName(name)
                .setDatatype(type.replace("TYPE_", ""))
                .addAllShape(shape)
                .build();
    }

    private static <T> void answer(StreamObserver<T> observer, T value) {
        observer.onNext(value);
        observer.onCompleted();
    }
}
