package io.wurstwerk.worker.contract;

import io.wurstwerk.worker.TritonClient;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;

/** The worker answers as Triton does, except where conformance/differences.txt says how and why. */
class WorkerContractTest extends TritonContractTest {
    private Worker worker;

    WorkerContractTest() {
        super("contract-worker.txt");
    }

    @Override
    ServerAddress start() throws IOException {
        worker = Worker.start(
                WorkerOptions.of(TritonClient.REPOSITORY).withHttpPort(0).withMetricsPort(0));
        return ServerAddress.of(worker);
    }

    @Override
    Map<String, String> differences() throws IOException {
        return Answers.read(DIFFERENCES).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> withoutReason(entry.getValue())));
    }

    private static String withoutReason(String difference) {
        return difference.lines().skip(1).collect(Collectors.joining("\n")).strip();
    }

    @Override
    void stop() {
        worker.close();
    }
}
