package io.wurstwerk.pipeline.triton;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.wurstwerk.pipeline.certificate.TlsFiles;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelMetadataResponse;
import io.wurstwerk.triton.protocol.ModelReadyRequest;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC channel to one Triton server. Every call has a deadline; interrupting the calling thread cancels
 * the call and throws {@link CancellationException} with the interrupt flag kept. Thread-safe.
 */
public final class TritonClient implements AutoCloseable {
    /** Stage A's pixels at 4096x4096 are 48 MiB; grpc-java's own limit is 4 MiB. */
    private static final int LARGEST_ANSWER = 64 << 20;

    private static final int FLOW_CONTROL_WINDOW = 8 << 20;

    /** Triton closes connections that ping more often than this without calls. */
    private static final Duration KEEP_ALIVE = Duration.ofMinutes(5);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final String endpoint;
    private final Duration metadataDeadline;
    private final Duration inferDeadline;
    private final @Nullable ChannelSecurity security;
    private final ManagedChannel channel;
    private final GRPCInferenceServiceBlockingStub stub;

    /** A client over an open connection, to a server that calls itself as it is called here. */
    public TritonClient(String endpoint, Duration metadataDeadline, Duration inferDeadline) {
        this(endpoint, endpoint, metadataDeadline, inferDeadline, null);
    }

    /**
     * A client that connects with its first call.
     *
     * @param endpoint {@code host:port}
     * @param authority {@code host:port} as the server calls itself; where a name led to the endpoint, that name
     * @param metadataDeadline for calls about server and models
     * @param inferDeadline for calls of a model
     * @param tls how the connection is secured; null for an open one
     * @throws IllegalArgumentException for files that hold no certificates or keys, naming them
     */
    public TritonClient(
            String endpoint,
            String authority,
            Duration metadataDeadline,
            Duration inferDeadline,
            @Nullable TlsFiles tls) {
        this.endpoint = endpoint;
        this.metadataDeadline = metadataDeadline;
        this.inferDeadline = inferDeadline;
        this.security = tls == null ? null : new ChannelSecurity(tls);
        this.channel = channel(endpoint, authority, security);
        this.stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    private static ManagedChannel channel(String endpoint, String authority, @Nullable ChannelSecurity security) {
        int colon = endpoint.lastIndexOf(':');
        String host = colon < 0 ? "" : endpoint.substring(0, colon).replaceAll("^\\[|\\]$", "");
        int port;
        try {
            port = Integer.parseInt(endpoint.substring(colon + 1));
        } catch (NumberFormatException e) {
            port = 0;
        }
        if (host.isBlank() || host.contains("/") || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a Triton endpoint is given as host:port, not as \"" + endpoint + "\"");
        }
        var builder = security == null
                ? NettyChannelBuilder.forAddress(host, port)
                        .overrideAuthority(authority)
                        .usePlaintext()
                : security.channelTo(host, port, authority);
        return builder.maxInboundMessageSize(LARGEST_ANSWER)
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .keepAliveTime(KEEP_ALIVE.toMinutes(), TimeUnit.MINUTES)
                .keepAliveWithoutCalls(false)
                .build();
    }

    /** {@code host:port}. */
    public String endpoint() {
        return endpoint;
    }

    /** Whether the server says that it can infer. */
    public boolean serverReady() {
        return call(
                "ServerReady",
                metadataDeadline,
                server -> server.serverReady(ServerReadyRequest.getDefaultInstance())
                        .getReady());
    }

    /** Whether the server has the model loaded; false for a model that it does not know. */
    boolean modelReady(String model) {
        return call(
                "ModelReady of " + model,
                metadataDeadline,
                server -> server.modelReady(
                                ModelReadyRequest.newBuilder().setName(model).build())
                        .getReady());
    }

    ModelMetadataResponse modelMetadata(String model) {
        return call(
                "ModelMetadata of " + model,
                metadataDeadline,
                server -> server.modelMetadata(
                        ModelMetadataRequest.newBuilder().setName(model).build()));
    }

    ModelConfig modelConfig(String model) {
        return call(
                "ModelConfig of " + model,
                metadataDeadline,
                server -> server.modelConfig(
                                ModelConfigRequest.newBuilder().setName(model).build())
                        .getConfig());
    }

    /** @param metadata sent along */
    ModelInferResponse infer(ModelInferRequest request, Map<String, String> metadata) {
        return call(
                "ModelInfer of " + request.getModelName(),
                inferDeadline,
                server -> with(metadata, server).modelInfer(request));
    }

    private static GRPCInferenceServiceBlockingStub with(
            Map<String, String> metadata, GRPCInferenceServiceBlockingStub server) {
        if (metadata.isEmpty()) {
            return server;
        }
        Metadata headers = new Metadata();
        metadata.forEach((name, value) -> headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
        return server.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private <T> T call(String name, Duration deadline, Function<GRPCInferenceServiceBlockingStub, T> call) {
        String what = name + " at " + endpoint;
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException(what + " was not begun: the thread was interrupted");
        }
        CallTrace trace = new CallTrace();
        try {
            return call.apply(stub.withInterceptors(trace).withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.CANCELLED
                    && Thread.currentThread().isInterrupted()) {
                CancellationException cancelled =
                        new CancellationException(what + " was cancelled: the thread was interrupted");
                cancelled.initCause(e);
                throw cancelled;
            }
            throw StatusMapping.exception(e, what, trace, security != null);
        }
    }

    /** Ends calls in flight and the connection. */
    @Override
    public void close() {
        channel.shutdownNow();
        if (security != null) {
            security.close();
        }
        try {
            if (!channel.awaitTermination(CLOSE_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(
                        "the connection to " + endpoint + " did not end within " + CLOSE_LIMIT.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
