package io.wurstwerk.orchestrator.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One section of {@code docs/faults.md}: a table with a row for every fault that was tested, and what was seen. Timings
 * aside, the page has to say what the tests have just seen; with {@code -Dfaults.write=true} it is written anew.
 */
final class FaultTable {
    private static final Path PAGE = Path.of("..", "docs", "faults.md");
    private static final Path RECORDS = Path.of("target", "faults");

    private final String section;
    private final Map<String, Row> rows = new TreeMap<>();

    private record Row(String fault, String seen, Duration lasted) {
        String told() {
            return "| " + fault + " | " + seen + " | ";
        }

        String line() {
            return told() + String.format(Locale.ROOT, "%.1f |", lasted.toMillis() / 1e3);
        }
    }

    FaultTable(String section) {
        this.section = section;
    }

    /** @param lasted from the beginning of the fault to the last answer */
    void add(String fault, String seen, Duration lasted) {
        rows.put(fault, new Row(fault, seen, lasted));
    }

    /** @param tests rows there must be, unless only some of the tests were run */
    void finish(int tests) throws IOException {
        List<String> lines = new ArrayList<>(List.of("| fault | seen | s |", "|---|---|---|"));
        rows.values().forEach(row -> lines.add(row.line()));
        Files.createDirectories(RECORDS);
        Files.write(RECORDS.resolve(section + ".md"), lines);
        List<String> page = Files.readAllLines(PAGE);
        int begin = page.indexOf("<!-- " + section + " -->") + 1;
        int end = page.indexOf("<!-- end of " + section + " -->");
        boolean all = rows.size() == tests;
        if (all && Boolean.getBoolean("faults.write")) {
            List<String> written = new ArrayList<>(page.subList(0, begin));
            written.addAll(lines);
            written.addAll(page.subList(end, page.size()));
            Files.write(PAGE, written);
            return;
        }
        List<String> told = page.subList(begin, end).stream()
                .skip(2)
                .map(line -> line.substring(0, line.lastIndexOf('|', line.length() - 2) + 2))
                .toList();
        List<String> seen = rows.values().stream().map(Row::told).toList();
        var asserted =
                assertThat(told).as("docs/faults.md, section %s: write it anew with -Dfaults.write=true", section);
        if (all) {
            asserted.containsExactlyElementsOf(seen);
        } else {
            asserted.containsAll(seen);
        }
    }
}
