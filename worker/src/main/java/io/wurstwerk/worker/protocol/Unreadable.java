package io.wurstwerk.worker.protocol;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Refuses bytes that are no message of the call's kind. Left to itself, grpc-java ends such a call with UNKNOWN, as if
 * the server had failed, and logs a stack trace for it.
 */
public final class Unreadable implements ServerInterceptor {
    private Unreadable() {}

    /** The service, asked with bytes. */
    public static ServerServiceDefinition refusedBefore(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service), new Unreadable());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(Q bytes) {
                if (refused) {
                    return;
                }
                try {
                    super.onMessage(bytes);
                } catch (StatusRuntimeException unreadable) {
                    refused = true;
                    call.close(
                            Status.INVALID_ARGUMENT.withDescription("the request of "
                                    + call.getMethodDescriptor().getBareMethodName() + " cannot be read: "
                                    + unreadable.getStatus().getDescription()),
                            new Metadata());
                }
            }

            @Override
            public void onHalfClose() {
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }
}
