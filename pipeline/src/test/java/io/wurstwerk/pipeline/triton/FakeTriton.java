package io.wurstwerk.pipeline.triton;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.triton.protocol.DataType;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelConfigResponse;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelInferResponse.InferOutputTensor;
import io.wurstwerk.triton.protocol.ModelInput;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelMetadataResponse;
import io.wurstwerk.triton.protocol.ModelMetadataResponse.TensorMetadata;
import io.wurstwerk.triton.protocol.ModelOutput;
import io.wurstwerk.triton.protocol.ModelParameter;
import io.wurstwerk.triton.protocol.ModelReadyRequest;
import io.wurstwerk.triton.protocol.ModelReadyResponse;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import io.wurstwerk.triton.protocol.ServerReadyResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A gRPC server on the loopback interface that serves a repository of Würstchen's shape whose networks are simple
 * sums, in any of the floating point types, and that can be told to fail. Its tensor code is its own, so that the
 * client's is not tested against itself.
 */
public final class FakeTriton implements AutoCloseable {
    public static final int WIDTH = 8;

    private final Map<String, ModelConfig> models = new ConcurrentHashMap<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<ModelInferRequest> requests = new CopyOnWriteArrayList<>();
    private final Server server;
    private final String endpoint;
    private volatile boolean ready = true;

    /** What a model does instead of answering. */
    @FunctionalInterface
    public interface Answer {
        void give(ModelInferRequest request, StreamObserver<ModelInferResponse> caller);

        /** The same answer, with its first output changed. */
        static Answer changed(FakeTriton triton, UnaryOperator<ModelInferResponse> change) {
            return (request, caller) -> {
                caller.onNext(change.apply(triton.compute(request)));
                caller.onCompleted();
            };
        }

        static Answer failure(Status status) {
            return (request, caller) -> caller.onError(status.asRuntimeException());
        }
    }

    /** A repository that is in order, with the given type where halves may stand. */
    public static FakeTriton start(DataType half) throws IOException {
        return new FakeTriton(half);
    }

    private FakeTriton(DataType half) throws IOException {
        for (String encoder : List.of("text_encoder_prior", "text_encoder_decoder")) {
            add(model(encoder)
                    .addInput(input("input_ids", DataType.TYPE_INT64, 77))
                    .addInput(input("attention_mask", DataType.TYPE_INT64, 77))
                    .addOutput(output("last_hidden_state", half, 77, WIDTH)));
        }
        for (String prior : List.of("base", "interpolated")) {
            add(model("stage_c_" + prior)
                    .addInput(input("x", half, 16, -1, -1))
                    .addInput(input("r", DataType.TYPE_FP32, 1))
                    .addInput(input("c", half, 77, WIDTH))
                    .addOutput(output("eps", half, 16, -1, -1))
                    .putAllParameters(parameters(
                            "latent_mean", "42.0",
                            "latent_std", "1.0",
                            "resolution_multiple", "42.67",
                            "default_guidance_scale", prior.equals("base") ? "8.0" : "4.0",
                            "recommended_negative_prompt", prior.equals("base") ? "low quality" : "",
                            "min_side", "128",
                            "max_side", "512",
                            "side_multiple", "128",
                            "default_width", "256",
                            "default_height", "128")));
        }
        add(model("stage_b")
                .addInput(input("x", half, 4, -1, -1))
                .addInput(input("r", DataType.TYPE_FP32, 1))
                .addInput(input("effnet", DataType.TYPE_FP32, 16, -1, -1))
                .addInput(input("clip", half, 77, WIDTH))
                .addOutput(output("eps", half, 4, -1, -1))
                .putAllParameters(parameters("latent_dim_scale", "10.67")));
        add(model("stage_a")
                .addInput(input("latents", half, 4, -1, -1))
                .addOutput(output("image", DataType.TYPE_UINT8, -1, -1, 3)));
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(new Service())
                .maxInboundMessageSize(64 << 20)
                .build()
                .start();
        endpoint = "127.0.0.1:" + server.getPort();
    }

    public String endpoint() {
        return endpoint;
    }

    /** Changes the configuration of a model, and with it the metadata. */
    public void edit(String model, UnaryOperator<ModelConfig.Builder> change) {
        models.computeIfPresent(
                model, (name, config) -> change.apply(config.toBuilder()).build());
    }

    public void remove(String model) {
        models.remove(model);
    }

    public void answer(String model, Answer answer) {
        answers.put(model, answer);
    }

    public void ready(boolean value) {
        ready = value;
    }

    /** All ModelInfer requests of a model so far. */
    public List<ModelInferRequest> requests(String model) {
        return requests.stream()
                .filter(request -> request.getModelName().equals(model))
                .toList();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            if (!server.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the fake server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void add(ModelConfig.Builder config) {
        models.put(config.getName(), config.build());
    }

    private static ModelConfig.Builder model(String name) {
        return ModelConfig.newBuilder().setName(name).setPlatform("fake").setMaxBatchSize(4);
    }

    private static ModelInput.Builder input(String name, DataType type, long... dims) {
        ModelInput.Builder input = ModelInput.newBuilder().setName(name).setDataType(type);
        for (long dim : dims) {
            input.addDims(dim);
        }
        return input;
    }

    private static ModelOutput.Builder output(String name, DataType type, long... dims) {
        ModelOutput.Builder output = ModelOutput.newBuilder().setName(name).setDataType(type);
        for (long dim : dims) {
            output.addDims(dim);
        }
        return output;
    }

    public static Map<String, ModelParameter> parameters(String... keysAndValues) {
        Map<String, ModelParameter> parameters = new ConcurrentHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            parameters.put(
                    keysAndValues[i],
                    ModelParameter.newBuilder()
                            .setStringValue(keysAndValues[i + 1])
                            .build());
        }
        return parameters;
    }

    /** The models' arithmetic: whatever is large enough to see, and stays exact in halves. */
    ModelInferResponse compute(ModelInferRequest request) {
        ModelConfig config = models.get(request.getModelName());
        ModelOutput output = config.getOutput(0);
        String type = typeName(output.getDataType());
        long batch = request.getInputs(0).getShape(0);
        List<Long> shape = new ArrayList<>(List.of(batch));
        ByteString contents;
        switch (request.getModelName()) {
            case "text_encoder_prior", "text_encoder_decoder" -> {
                shape.addAll(List.of(77L, (long) WIDTH));
                contents = textStates(request, batch, type);
            }
            case "stage_a" -> {
                List<Long> latents = request.getInputs(0).getShapeList();
                shape.addAll(List.of(4 * latents.get(2), 4 * latents.get(3), 3L));
                byte[] pixels = new byte[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
                float first = floats(request, "latents")[0];
                java.util.Arrays.fill(pixels, (byte) (int) (100 + 10 * first));
                contents = ByteString.copyFrom(pixels);
            }
            default -> {
                List<Long> latents = request.getInputs(0).getShapeList();
                shape.addAll(latents.subList(1, latents.size()));
                contents = encode(type, prediction(request, Math.toIntExact(batch)));
            }
        }
        return ModelInferResponse.newBuilder()
                .setModelName(request.getModelName())
                .setModelVersion("1")
                .addOutputs(InferOutputTensor.newBuilder()
                        .setName(output.getName())
                        .setDatatype(type)
                        .addAllShape(shape))
                .addRawOutputContents(contents)
                .build();
    }

    /** 1 for real tokens and 0 for padding, so that the states say how long a prompt is. */
    private static ByteString textStates(ModelInferRequest request, long batch, String type) {
        ByteBuffer mask = raw(request, "attention_mask");
        float[] states = new float[Math.toIntExact(batch) * 77 * WIDTH];
        for (int i = 0; i < states.length; i++) {
            states[i] = mask.getLong(i / WIDTH * Long.BYTES);
        }
        return encode(type, states);
    }

    /** Half of x, plus r, plus how many tokens the text has in hundredths. */
    private static float[] prediction(ModelInferRequest request, int batch) {
        float[] x = floats(request, "x");
        float[] r = floats(request, "r");
        String textName = request.getModelName().equals("stage_b") ? "clip" : "c";
        float[] text = floats(request, textName);
        float[] eps = new float[x.length];
        int row = x.length / batch;
        for (int i = 0; i < eps.length; i++) {
            float tokens = 0;
            for (int t = 0; t < 77; t++) {
                tokens += text[(i / row * 77 + t) * WIDTH];
            }
            eps[i] = x[i] / 2 + r[i / row] + tokens / 100;
        }
        return eps;
    }

    private static ByteBuffer raw(ModelInferRequest request, String name) {
        for (int i = 0; i < request.getInputsCount(); i++) {
            if (request.getInputs(i).getName().equals(name)) {
                return ByteBuffer.wrap(request.getRawInputContents(i).toByteArray())
                        .order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        throw new IllegalArgumentException("no input " + name);
    }

    /** An input's values, read by its declared type. */
    public static float[] floats(ModelInferRequest request, String name) {
        ByteBuffer raw = raw(request, name);
        String type = request.getInputsList().stream()
                .filter(input -> input.getName().equals(name))
                .map(InferInputTensor::getDatatype)
                .findFirst()
                .orElseThrow();
        int bytes = type.equals("FP32") ? 4 : 2;
        float[] values = new float[raw.remaining() / bytes];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case "FP32" -> raw.getFloat(4 * i);
                case "FP16" -> Float.float16ToFloat(raw.getShort(2 * i));
                case "BF16" -> Float.intBitsToFloat((raw.getShort(2 * i) & 0xffff) << 16);
                default -> throw new IllegalArgumentException(type);
            };
        }
        return values;
    }

    private static ByteString encode(String type, float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * (type.equals("FP32") ? 4 : 2))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (type) {
                case "FP32" -> buffer.putFloat(value);
                case "FP16" -> buffer.putShort(Float.floatToFloat16(value));
                case "BF16" -> buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                default -> throw new IllegalArgumentException(type);
            }
        }
        return ByteString.copyFrom(buffer.flip());
    }

    private static String typeName(DataType type) {
        return type.name().substring("TYPE_".length());
    }

    private final class Service extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        @Override
        public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> caller) {
            reply(caller, ServerReadyResponse.newBuilder().setReady(ready).build());
        }

        @Override
        public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> caller) {
            reply(
                    caller,
                    ModelReadyResponse.newBuilder()
                            .setReady(models.containsKey(request.getName()))
                            .build());
        }

        @Override
        public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
            ModelConfig config = models.get(request.getName());
            ModelMetadataResponse.Builder metadata = ModelMetadataResponse.newBuilder()
                    .setName(request.getName())
                    .addVersions("1")
                    .setPlatform(config.getPlatform());
            boolean batches = config.getMaxBatchSize() > 0;
            config.getInputList()
                    .forEach(input -> metadata.addInputs(
                            tensor(input.getName(), input.getDataType(), batches, input.getDimsList())));
            config.getOutputList()
                    .forEach(output -> metadata.addOutputs(
                            tensor(output.getName(), output.getDataType(), batches, output.getDimsList())));
            reply(caller, metadata.build());
        }

        private static TensorMetadata tensor(String name, DataType type, boolean batches, List<Long> dims) {
            TensorMetadata.Builder tensor =
                    TensorMetadata.newBuilder().setName(name).setDatatype(typeName(type));
            if (batches) {
                tensor.addShape(-1);
            }
            return tensor.addAllShape(dims).build();
        }

        @Override
        public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> caller) {
            reply(
                    caller,
                    ModelConfigResponse.newBuilder()
                            .setConfig(models.get(request.getName()))
                            .build());
        }

        @Override
        public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
            requests.add(request);
            Answer answer = answers.get(request.getModelName());
            if (answer == null) {
                reply(caller, compute(request));
            } else {
                answer.give(request, caller);
            }
        }

        private static <T> void reply(StreamObserver<T> caller, T message) {
            caller.onNext(message);
            caller.onCompleted();
        }
    }
}
