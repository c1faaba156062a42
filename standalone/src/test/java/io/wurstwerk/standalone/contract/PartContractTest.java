package io.wurstwerk.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every case of a contract against one implementation. The answers of the genuine part are recorded in
 * {@code src/test/resources/contract}, those in which this project's own part differs in {@code conformance}. What was
 * seen is left in {@code target/contract}, where {@code ./wurstwerk conformance} compares it.
 *
 * @param <S> what the cases ask
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PartContractTest<S extends AutoCloseable> {
    private static final Path RECORDED = Path.of("src/test/resources/contract");
    private static final Path DIFFERENCES = Path.of("conformance");
    private static final Path SEEN = Path.of("target/contract");

    private final String contract;
    private final String kind;
    private final Map<String, String> seen = new LinkedHashMap<>();
    private S part;

    @TempDir
    static Path folder;

    /**
     * @param contract {@code store} or {@code kafka}
     * @param kind which of its implementations this is
     */
    PartContractTest(String contract, String kind) {
        this.contract = contract;
        this.kind = kind;
    }

    /** Starts the implementation; null when it cannot run on this machine, which has been said then. */
    abstract S start(Path folder) throws Exception;

    /** Whether it may answer as this project's own part does. */
    abstract boolean mayDiffer();

    abstract List<ContractCase<S>> cases();

    @BeforeAll
    void open() throws Exception {
        part = start(folder);
    }

    @AfterAll
    void close() throws Exception {
        if (part != null) {
            Answers.write(SEEN.resolve(contract).resolve(contract + "-" + kind + ".txt"), seen);
            part.close();
        }
    }

    /** None at all when the implementation is not there: nothing is told as passed or skipped that was not asked. */
    @TestFactory
    List<DynamicTest> answers() throws IOException {
        if (part == null) {
            return List.of();
        }
        Map<String, String> expected = expected();
        List<DynamicTest> tests = new ArrayList<>();
        for (ContractCase<S> one : cases()) {
            tests.add(DynamicTest.dynamicTest(one.name(), () -> {
                String answer = one.observation().observe(part).strip();
                seen.put(one.name(), answer);
                assertThat(answer).isEqualTo(expected.get(one.name()));
            }));
        }
        tests.add(DynamicTest.dynamicTest(
                "cases and recorded answers are the same",
                () -> assertThat(expected.keySet())
                        .containsExactlyElementsOf(
                                cases().stream().map(ContractCase::name).toList())));
        return tests;
    }

    private Map<String, String> expected() throws IOException {
        Map<String, String> expected = new LinkedHashMap<>(Answers.read(RECORDED.resolve(contract + ".txt")));
        if (mayDiffer()) {
            Answers.read(DIFFERENCES.resolve(contract + ".txt"))
                    .forEach((name, difference) -> expected.put(name, Answers.withoutReason(difference)));
        }
        return expected;
    }
}
