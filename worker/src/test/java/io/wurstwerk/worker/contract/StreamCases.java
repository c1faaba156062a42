package io.wurstwerk.worker.contract;

import static io.wurstwerk.worker.TritonClient.affine;

import io.grpc.Metadata;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import java.util.List;
import java.util.stream.IntStream;

/** Inferences on a stream. */
final class StreamCases {
    private StreamCases() {}

    static List<ContractCase> all() {
        return List.of(
                new ContractCase(
                        "a stream of 40 inferences",
                        server -> server.stream(
                                new Metadata(),
                                IntStream.range(0, 40)
                                        .mapToObj(i -> affine("id-" + i, 1 + i % 4, 2, i))
                                        .toList())),
                new ContractCase(
                        "an empty stream", server -> server.stream(new Metadata(), List.<ModelInferRequest>of())),
                new ContractCase(
                        "errors on a stream",
                        server -> server.stream(
                                new Metadata(),
                                List.of(
                                        affine("a", 1, 1, 0),
                                        affine("b", 1, 1, 0).toBuilder()
                                                .setModelName("nope")
                                                .build(),
                                        affine("c", 5, 1, 0),
                                        affine("d", 1, 1, 0)))),
                askedForStatuses(
                        "refusals on a stream that asked for statuses",
                        List.of(
                                affine("a", 1, 1, 0),
                                affine("b", 5, 1, 0),
                                affine("c", 1, 1, 0).toBuilder()
                                        .setModelName("nope")
                                        .build(),
                                affine("d", 1, 1, 0))),
                askedForStatuses(
                        "a failing run on a stream that asked for statuses",
                        List.of(RefusalCases.failing().setId("b").build())));
    }

    private static ContractCase askedForStatuses(String name, List<ModelInferRequest> requests) {
        return new ContractCase(name, server -> {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
            return server.stream(headers, requests);
        });
    }
}
