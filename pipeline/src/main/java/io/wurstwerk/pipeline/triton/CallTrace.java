package io.wurstwerk.pipeline.triton;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/** How far one call came: whether it reached a connection, and whether the server itself ended it. */
final class CallTrace extends ClientStreamTracer.Factory implements ClientInterceptor {
    /** What grpc-java says of calls that a server did not end before it closed a connection in good order. */
    private static final String IN_GOOD_ORDER = "Connection closed after GOAWAY";

    private volatile boolean sent;
    private volatile boolean ended;

    /** Whether the connection broke under the call without a word from the server. */
    boolean lost(Status status) {
        String description = status.getDescription();
        return sent
                && !ended
                && status.getCode() == Status.Code.UNAVAILABLE
                && (description == null || !description.startsWith(IN_GOOD_ORDER));
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return next.newCall(method, options.withStreamTracerFactory(this));
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        // A call that no server has seen is sent again by grpc-java itself: only the last sending counts.
        sent = false;
        ended = false;
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transport, Metadata sentHeaders) {
                sent = true;
            }

            @Override
            public void inboundTrailers(Metadata trailers) {
                ended = true;
            }
        };
    }
}
