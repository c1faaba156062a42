package io.wurstwerk.worker.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.triton.protocol.RepositoryIndexRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexResponse.ModelIndex;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The repository that comes with the project, on both servers. Nothing of it is recorded: checkpoints change, and with
 * them their configurations.
 */
class GenuineShippedRepositoryIT {
    private static final Path REPOSITORY = Path.of("../triton-models/repository");
    private static final Path SEEN = Path.of("target/contract");

    @Test
    void bothServersSayTheSameOfEveryModel() throws Exception {
        Map<String, String> genuine;
        Map<String, String> own;
        List<ContractCase> cases;
        try (Conversation server = new Conversation(ServerAddress.property("wurstwerk.triton.shipped"))) {
            cases = cases(server);
            genuine = observe(server, cases);
        }
        try (Worker worker = Worker.start(
                        WorkerOptions.of(REPOSITORY).withHttpPort(0).withMetricsPort(0));
                Conversation server = new Conversation(ServerAddress.of(worker))) {
            own = observe(server, cases);
        }
        write("shipped-genuine.txt", genuine);
        write("shipped-worker.txt", own);
        assertThat(own).isEqualTo(genuine);
    }

    private static List<ContractCase> cases(Conversation server) {
        List<ContractCase> cases = new ArrayList<>();
        cases.add(new ContractCase("index of the shipped repository", DescriptionCases::index));
        List<String> models =
                server
                        .client()
                        .calls()
                        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                        .getModelsList()
                        .stream()
                        .map(ModelIndex::getName)
                        .sorted()
                        .toList();
        for (String model : models) {
            cases.add(DescriptionCases.metadata(model));
            cases.add(DescriptionCases.config(model));
        }
        return cases;
    }

    private static Map<String, String> observe(Conversation server, List<ContractCase> cases) throws Exception {
        Map<String, String> seen = new LinkedHashMap<>();
        for (ContractCase contractCase : cases) {
            seen.put(
                    contractCase.name(),
                    contractCase.observation().observe(server).strip());
        }
        return seen;
    }

    private static void write(String file, Map<String, String> seen) throws IOException {
        Answers.write(SEEN.resolve(file), seen);
    }
}
