package io.wurstwerk.worker.protocol;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.wurstwerk.worker.inference.InferenceException;

/** gRPC's health check, which says what ServerReady says whatever service is asked for. There is no Watch. */
public final class HealthService extends HealthGrpc.HealthImplBase {
    private final ServerState state;

    public HealthService(ServerState state) {
        this.state = state;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
        try {
            state.requireLive();
        } catch (InferenceException e) {
            response.onError(e.status().asRuntimeException());
            return;
        }
        ServingStatus status = state.ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        response.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
        response.onCompleted();
    }
}
