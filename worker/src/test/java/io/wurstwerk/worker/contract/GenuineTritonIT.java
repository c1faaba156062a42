package io.wurstwerk.worker.contract;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;

/**
 * A genuine tritonserver over the test repository, which {@code ./wurstwerk conformance} starts, and starts again when
 * it dies: 2.51.0 now and then does so of a race in its gRPC frontend
 * (<a href="https://github.com/triton-inference-server/server/issues/8034">one of them</a>). What a dying server says
 * is no answer, so the case is asked once more.
 */
class GenuineTritonIT extends TritonContractTest {
    private static final Duration RESTART = Duration.ofMinutes(2);

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

    @Override
    String observe(ContractCase contractCase, Conversation server) throws Exception {
        try {
            String answer = super.observe(contractCase, server);
            if (!answer.contains(Status.Code.UNAVAILABLE + ": io exception")) {
                return answer;
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
        }
        System.out.println("the genuine server died during '" + contractCase.name() + "', which is asked again");
        server.awaitReady(RESTART);
        return super.observe(contractCase, server);
    }
}
