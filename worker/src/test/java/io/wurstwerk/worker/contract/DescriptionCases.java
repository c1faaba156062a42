package io.wurstwerk.worker.contract;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelConfigResponse;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.ModelReadyRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexResponse;
import io.wurstwerk.triton.protocol.ServerLiveRequest;
import io.wurstwerk.triton.protocol.ServerMetadataRequest;
import io.wurstwerk.triton.protocol.ServerReadyRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a server says about itself and its models. */
final class DescriptionCases {
    private DescriptionCases() {}

    static List<ContractCase> all() {
        List<ContractCase> cases = new ArrayList<>();
        cases.add(new ContractCase(
                "server live",
                server ->
                        server.call(() -> server.client().calls().serverLive(ServerLiveRequest.getDefaultInstance()))));
        cases.add(new ContractCase(
                "server ready",
                server -> server.call(
                        () -> server.client().calls().serverReady(ServerReadyRequest.getDefaultInstance()))));
        cases.add(new ContractCase(
                "server metadata",
                server -> server.call(
                        () -> server.client().calls().serverMetadata(ServerMetadataRequest.getDefaultInstance()))));
        cases.add(new ContractCase(
                "health check",
                server -> server.call(() -> HealthGrpc.newBlockingStub(
                                server.client().channel())
                        .check(HealthCheckRequest.newBuilder().setService("any").build()))));
        cases.add(new ContractCase("repository index", DescriptionCases::index));
        for (String model : List.of("affine", "kinds", "half", "widened", "brain", "failing", "slow", "nope")) {
            cases.add(metadata(model));
            cases.add(config(model));
        }
        for (String model : List.of("affine", "nope", "")) {
            for (String version : List.of("", "1", "9", "abc")) {
                cases.add(ready(model, version));
            }
        }
        for (String path : List.of(
                "/v2",
                "/v2/health/live",
                "/v2/health/ready",
                "/v2/models/affine/ready",
                "/v2/models/affine/versions/1/ready",
                "/v2/models/affine/versions/9/ready",
                "/v2/models/affine/versions/abc/ready",
                "/v2/models/nope/ready",
                "/v2/nope")) {
            cases.add(new ContractCase("HTTP GET " + path, server -> server.http("GET", path)));
        }
        cases.add(new ContractCase("HTTP POST /v2/health/live", server -> server.http("POST", "/v2/health/live")));
        return cases;
    }

    /** Metadata and completed configuration of a model, for repositories of any content. */
    static ContractCase metadata(String model) {
        return new ContractCase(
                "metadata of " + model,
                server -> server.call(() -> server.client()
                        .calls()
                        .modelMetadata(
                                ModelMetadataRequest.newBuilder().setName(model).build())));
    }

    /** Without the field that names the file which a Python backend runs: the genuine server runs the graphs in one. */
    static ContractCase config(String model) {
        return new ContractCase(
                "configuration of " + model,
                server -> server.call(() -> {
                    ModelConfigResponse.Builder response = server
                            .client()
                            .calls()
                            .modelConfig(ModelConfigRequest.newBuilder()
                                    .setName(model)
                                    .build())
                            .toBuilder();
                    response.getConfigBuilder().clearRuntime();
                    return response.build();
                }));
    }

    private static ContractCase ready(String model, String version) {
        return new ContractCase(
                "model ready '" + model + "' version '" + version + "'",
                server -> server.call(() -> server.client()
                        .calls()
                        .modelReady(ModelReadyRequest.newBuilder()
                                .setName(model)
                                .setVersion(version)
                                .build())));
    }

    /** The order of the index is not part of the contract. */
    static String index(Conversation server) throws Exception {
        return server.call(() -> {
            RepositoryIndexResponse index =
                    server.client().calls().repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
            List<RepositoryIndexResponse.ModelIndex> models = new ArrayList<>(index.getModelsList());
            models.sort(Comparator.comparing(RepositoryIndexResponse.ModelIndex::getName));
            return RepositoryIndexResponse.newBuilder().addAllModels(models).build();
        });
    }
}
