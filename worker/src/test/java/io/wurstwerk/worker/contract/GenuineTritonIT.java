package io.wurstwerk.worker.contract;

import java.util.Map;

/** A genuine tritonserver over the test repository, which {@code ./wurstwerk conformance} starts. */
class GenuineTritonIT extends TritonContractTest {
    GenuineTritonIT() {
        super("contract-genuine.txt");
    }

    @Override
    ServerAddress start() {
        return ServerAddress.property("wurstwerk.triton.contract");
    }

    @Override
    Map<String, String> differences() {
        return Map.of();
    }
}
