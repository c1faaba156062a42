package io.wurstwerk.worker.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every case against one server, compared with the answers of tritonserver 2.51.0 that are recorded in
 * {@code src/test/resources/contract/answers.txt}. What was seen is left in {@code target/contract}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TritonContractTest {
    static final Path DIFFERENCES = Path.of("conformance/differences.txt");
    private static final Path RECORDED = Path.of("src/test/resources/contract/answers.txt");
    private static final Path SEEN = Path.of("target/contract");

    private final String seenFile;
    private final Map<String, String> seen = new LinkedHashMap<>();
    private Conversation server;
    private Map<String, String> expected;

    TritonContractTest(String seenFile) {
        this.seenFile = seenFile;
    }

    /** Where the server is, started if it is this test that starts it. */
    abstract ServerAddress start() throws IOException;

    /** What this server answers where it is not what was recorded. */
    abstract Map<String, String> differences() throws IOException;

    void stop() {}

    /** What the server answers to a case. */
    String observe(ContractCase contractCase, Conversation server) throws Exception {
        return contractCase.observation().observe(server).strip();
    }

    @BeforeAll
    void connect() throws IOException {
        expected = new LinkedHashMap<>(Answers.read(RECORDED));
        expected.putAll(differences());
        server = new Conversation(start());
    }

    @AfterAll
    void disconnect() throws IOException {
        Answers.write(SEEN.resolve(seenFile), seen);
        if (server != null) {
            server.close();
        }
        stop();
    }

    static List<ContractCase> cases() {
        return Contract.cases();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theAnswerIsTritons(ContractCase contractCase) throws Exception {
        String answer = observe(contractCase, server);
        seen.put(contractCase.name(), answer);
        assertThat(answer).isEqualTo(expected.get(contractCase.name()));
    }

    @Test
    void casesAndRecordedAnswersAreTheSame() throws IOException {
        List<String> names = cases().stream().map(ContractCase::name).toList();
        assertThat(names).doesNotHaveDuplicates();
        assertThat(Answers.read(RECORDED).keySet()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(names).containsAll(Answers.read(DIFFERENCES).keySet());
    }
}
