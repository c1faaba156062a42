package io.wurstwerk.worker;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.assertj.core.api.Assertions;

/** A plain gRPC client over loopback, and the requests of the test models. */
public final class TritonClient implements AutoCloseable {
    public static final Path REPOSITORY = Path.of("src/test/resources/repository");

    private final ManagedChannel channel;

    public TritonClient(int port) {
        this("127.0.0.1:" + port);
    }

    public TritonClient(String address) {
        channel = NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    public ManagedChannel channel() {
        return channel;
    }

    public GRPCInferenceServiceBlockingStub calls() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    public GRPCInferenceServiceFutureStub futures() {
        return GRPCInferenceServiceGrpc.newFutureStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    public GRPCInferenceServiceStub streams() {
        return GRPCInferenceServiceGrpc.newStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** A request to "affine": x counts up from {@code first}, r is 0.5, 1.5, ... */
    public static ModelInferRequest affine(String id, int batch, int width, float first) {
        float[] x = new float[batch * 4 * width];
        for (int i = 0; i < x.length; i++) {
            x[i] = first + i;
        }
        float[] r = new float[batch];
        for (int i = 0; i < batch; i++) {
            r[i] = i + 0.5f;
        }
        return ModelInferRequest.newBuilder()
                .setModelName("affine")
                .setId(id)
                .addInputs(tensor("x", "FP32", batch, 4, width))
                .addInputs(tensor("r", "FP32", batch, 1))
                .addRawInputContents(floats(x))
                .addRawInputContents(floats(r))
                .build();
    }

    public static InferInputTensor tensor(String name, String type, long... shape) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(type)
                .addAllShape(LongStream.of(shape).boxed().toList())
                .build();
    }

    public static ByteString floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return ByteString.copyFrom(bytes.flip());
    }

    public static ByteString shorts(short... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (short value : values) {
            bytes.putShort(value);
        }
        return ByteString.copyFrom(bytes.flip());
    }

    public static ByteString longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return ByteString.copyFrom(bytes.flip());
    }

    public static float[] floats(ByteString raw) {
        float[] values = new float[raw.size() / 4];
        raw.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** The answer to "affine" as the arithmetic says. */
    public static float[] affineY(ModelInferRequest request) {
        float[] x = floats(request.getRawInputContents(0));
        float[] r = floats(request.getRawInputContents(1));
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = 2 * x[i] + r[i / (x.length / r.length)];
        }
        return y;
    }

    public static void assertAffine(ModelInferRequest request, ModelInferResponse response) {
        Assertions.assertThat(response.getOutputsList())
                .extracting(ModelInferResponse.InferOutputTensor::getName)
                .isEqualTo(List.of("y", "s"));
        Assertions.assertThat(floats(response.getRawOutputContents(0))).isEqualTo(affineY(request));
    }

    public static void assertRefused(Callable<?> call, Status.Code code, String message) {
        Assertions.assertThatThrownBy(call::call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            Assertions.assertThat(e.getStatus().getDescription()).isEqualTo(message);
            Assertions.assertThat(e.getStatus().getCode()).isEqualTo(code);
        });
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
