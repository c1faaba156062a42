package io.wurstwerk.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/real-parts.md} tells the recorded answers; with {@code -Dparts.write=true} it is written anew. */
class RealPartsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "real-parts.md");

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "store"})
    void thePageTellsWhatIsHeldByTheContract(String contract) throws IOException {
        List<String> page = Files.readAllLines(PAGE);
        int begin = page.indexOf("<!-- " + contract + " -->") + 1;
        int end = page.indexOf("<!-- end of " + contract + " -->");
        List<String> table = table(contract);
        if (Boolean.getBoolean("parts.write")) {
            List<String> written = new ArrayList<>(page.subList(0, begin));
            written.addAll(table);
            written.addAll(page.subList(end, page.size()));
            Files.write(PAGE, written);
            return;
        }
        assertThat(page.subList(begin, end))
                .as("docs/real-parts.md, section %s: write it anew with -Dparts.write=true", contract)
                .containsExactlyElementsOf(table);
    }

    private static List<String> table(String contract) throws IOException {
        Map<String, String> answers = Answers.read(Path.of("src/test/resources/contract/" + contract + ".txt"));
        Map<String, String> differences = Answers.read(Path.of("conformance/" + contract + ".txt"));
        assertThat(answers.keySet()).containsAll(differences.keySet());
        List<String> lines = new ArrayList<>(List.of("| what is done | what is seen |", "|---|---|"));
        answers.forEach((name, answer) ->
                lines.add("| " + name + " | " + cell(answer) + differs(differences.get(name)) + " |"));
        return lines;
    }

    private static String differs(String difference) {
        return difference == null
                ? ""
                : "<br>**The standalone stack's**: " + cell(Answers.withoutReason(difference)) + " ("
                        + Answers.reason(difference) + ")";
    }

    private static String cell(String answer) {
        return answer.replace("|", "\\|").replace("\n", "<br>");
    }
}
