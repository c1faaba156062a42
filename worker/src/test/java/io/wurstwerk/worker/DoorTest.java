package io.wurstwerk.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import io.wurstwerk.worker.protocol.ConnectionLimit;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What each limit of the gRPC port answers; whoever keeps within them is served beside it. */
@Timeout(60)
class DoorTest {

    @TempDir
    Path models;

    private WorkerOptions options;

    @BeforeEach
    void prepare() {
        options = WorkerOptions.of(models)
                .withExitTimeout(Duration.ZERO)
                .withLimits(new WorkerOptions.Limits(1 << 20, 6, 1 << 20, 2));
    }

    @Test
    void aConnectionTooManyIsToldToGoElsewhereUntilAnotherEnds() throws Exception {
        try (Worker worker = Worker.start(options);
                TritonClient first = new TritonClient(worker.grpcPort());
                TritonClient third = new TritonClient(worker.grpcPort())) {
            assertThat(ready(first)).isTrue();
            try (TritonClient second = new TritonClient(worker.grpcPort())) {
                assertThat(ready(second)).isTrue();
                assertThatThrownBy(() -> ready(third))
                        .hasMessage(
                                "UNAVAILABLE: at most 2 connections may call at once: close others, or use another server");
                assertThat(ready(first)).isTrue();
            }
            awaitRoom(worker);
        }
    }

    /** A server that remembers it would not end either: it waits for it. */
    @Test
    void aConnectionThatSpeaksAnotherProtocolIsForgottenWhenItEnds() throws Exception {
        Server server = NettyServerBuilder.forPort(0)
                .addTransportFilter(new ConnectionLimit(2))
                .build()
                .start();
        try (Socket other = new Socket("127.0.0.1", server.getPort())) {
            other.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            other.getInputStream().readAllBytes();
        }
        server.shutdown();
        try {
            assertThat(server.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.shutdownNow();
        }
    }

    private static void awaitRoom(Worker worker) throws Exception {
        while (true) {
            try (TritonClient next = new TritonClient(worker.grpcPort())) {
                assertThat(ready(next)).isTrue();
                return;
            } catch (StatusRuntimeException full) {
                assertThat(full.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                Thread.sleep(20);
            }
        }
    }

    @Test
    void aMessageThatIsTooLargeIsRefusedByItsSize() throws Exception {
        try (Worker worker = Worker.start(options);
                TritonClient client = new TritonClient(worker.grpcPort())) {
            ModelInferRequest large = ModelInferRequest.newBuilder()
                    .addRawInputContents(ByteString.copyFrom(new byte[2 << 20]))
                    .build();
            assertThatThrownBy(() -> client.calls().modelInfer(large))
                    .isInstanceOf(StatusRuntimeException.class)
                    .extracting(refused ->
                            ((StatusRuntimeException) refused).getStatus().getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(ready(client)).isTrue();
        }
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws Exception {
        try (Worker worker = Worker.start(options);
                TritonClient client = new TritonClient(worker.grpcPort())) {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(20_000));
            assertThatThrownBy(() -> client.calls()
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                            .serverReady(ServerReadyRequest.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class);
            assertThat(ready(client)).isTrue();
        }
    }

    private static boolean ready(TritonClient client) {
        return client.calls()
                .serverReady(ServerReadyRequest.getDefaultInstance())
                .getReady();
    }
}
