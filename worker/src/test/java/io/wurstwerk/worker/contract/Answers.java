package io.wurstwerk.worker.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Text files of answers by case: a line {@code === name} and the answer below it. */
final class Answers {
    private static final String HEADING = "=== ";

    private Answers() {}

    static Map<String, String> read(Path file) throws IOException {
        Map<String, String> answers = new LinkedHashMap<>();
        String name = null;
        StringBuilder answer = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(HEADING)) {
                if (name != null) {
                    answers.put(name, answer.toString().strip());
                }
                name = line.substring(HEADING.length());
                answer.setLength(0);
            } else {
                answer.append(line).append('\n');
            }
        }
        if (name != null) {
            answers.put(name, answer.toString().strip());
        }
        return answers;
    }

    static void write(Path file, Map<String, String> answers) throws IOException {
        StringBuilder text = new StringBuilder();
        answers.forEach((name, answer) -> text.append(HEADING)
                .append(name)
                .append('\n')
                .append(answer.strip())
                .append("\n\n"));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
