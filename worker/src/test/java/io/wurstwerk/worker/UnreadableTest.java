package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bytes that are no message, as the fuzzer sent them. */
class UnreadableTest {
    private static final List<String> BYTES = List.of(
            "869e1c18b5c862e692d8f957349c29cb41c38c381a8e50ce",
            "c179e73f6c81a825d4f357f2566c20cec69c2daafc1b2e",
            "39",
            "a1be60d5",
            "0aff7f");

    private static Worker worker;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws IOException {
        worker = Worker.start(WorkerOptions.of(TritonClient.REPOSITORY));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", worker.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        worker.close();
    }

    @Test
    void everyMethodRefusesThemAsTheCallersFaultAndAnswersTheNext() throws Exception {
        List<MethodDescriptor<?, ?>> methods =
                new ArrayList<>(GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods());
        methods.addAll(HealthGrpc.getServiceDescriptor().getMethods());
        for (MethodDescriptor<?, ?> method : methods) {
            for (String bytes : BYTES) {
                Status status = call(method, HexFormat.of().parseHex(bytes), 1);
                if (status.getCode() == Status.Code.UNIMPLEMENTED && status.getDescription() == null) {
                    continue;
                }
                assertThat(status.getCode())
                        .as(method.getFullMethodName() + " to " + bytes + ": " + status)
                        .isEqualTo(Status.Code.INVALID_ARGUMENT);
                assertThat(status.getDescription())
                        .startsWith("the request of " + method.getBareMethodName() + " cannot be read: ");
            }
        }
        MethodDescriptor<?, ?> ready = GRPCInferenceServiceGrpc.getServerReadyMethod();
        assertThat(call(ready, new byte[0], 1).getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void aStreamEndsWithTheFirstOfThem() throws Exception {
        Status status = call(
                GRPCInferenceServiceGrpc.getModelStreamInferMethod(),
                HexFormat.of().parseHex("a1be60d5"),
                5);
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private static Status call(MethodDescriptor<?, ?> method, byte[] message, int times) throws Exception {
        var ended = new CompletableFuture<Status>();
        ClientCall<byte[], byte[]> call = channel.newCall(
                MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                        .setFullMethodName(method.getFullMethodName())
                        .setType(method.getType() == MethodType.UNARY ? MethodType.UNARY : MethodType.BIDI_STREAMING)
                        .build(),
                CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.request(10);
        for (int i = 0; i < times; i++) {
            call.sendMessage(message);
        }
        call.halfClose();
        return ended.get(30, TimeUnit.SECONDS);
    }

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
