package io.wurstwerk.standalone.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Text files of answers by case: a line {@code === name} and the answer below it. */
final class Answers {
    private static final String HEADING = "=== ";
    private static final String REASON = "reason: ";

    private Answers() {}

    static Map<String, String> read(Path file) throws IOException {
        Map<String, String> answers = new LinkedHashMap<>();
        for (String part : ("\n" + Files.readString(file)).split("\n" + HEADING, -1)) {
            int end = part.indexOf('\n');
            if (end > 0) {
                answers.put(part.substring(0, end), part.substring(end).strip());
            }
        }
        return answers;
    }

    static void write(Path file, Map<String, String> answers) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                answers.entrySet().stream()
                        .map(answer -> HEADING + answer.getKey() + "\n" + answer.getValue() + "\n")
                        .collect(Collectors.joining("\n")));
    }

    /** Why an answer is another one, of an entry in a list of differences. */
    static String reason(String difference) {
        return difference.lines().findFirst().orElse("").replaceFirst("^" + REASON, "");
    }

    /** The answer without the reason above it. */
    static String withoutReason(String difference) {
        return difference.lines().skip(1).collect(Collectors.joining("\n")).strip();
    }
}
