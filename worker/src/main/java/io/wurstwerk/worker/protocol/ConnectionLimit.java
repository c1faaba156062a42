package io.wurstwerk.worker.protocol;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Lets so many connections call at once. The calls of further ones are told to try again elsewhere. */
public final class ConnectionLimit extends ServerTransportFilter implements ServerInterceptor {
    private static final Attributes.Key<Boolean> SURPLUS = Attributes.Key.create("surplus");

    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    public ConnectionLimit(int most) {
        this.most = most;
    }

    @Override
    public Attributes transportReady(Attributes transport) {
        boolean surplus = open.incrementAndGet() > most;
        if (surplus) {
            open.decrementAndGet();
        }
        return transport.toBuilder().set(SURPLUS, surplus).build();
    }

    @Override
    public void transportTerminated(@Nullable Attributes transport) {
        // What broke before it was ready has not been counted, and may have nothing at all.
        if (transport != null && Boolean.FALSE.equals(transport.get(SURPLUS))) {
            open.decrementAndGet();
        }
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (Boolean.TRUE.equals(call.getAttributes().get(SURPLUS))) {
            call.close(
                    Status.UNAVAILABLE.withDescription(
                            "at most " + most + " connections may call at once: close others, or use another server"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }
}
