package io.wurstwerk.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README shows other programs' authors stands in the examples, which are run. */
class ReadmeTest {
    private static final Path EXAMPLES = Path.of("..", "docs", "examples");
    private static final Pattern BLOCK = Pattern.compile("```(sh|java)\n(.*?)```", Pattern.DOTALL);

    @Test
    void itsJavaClientIsTheExample() throws IOException {
        String readme = block("java", "KafkaProducer");
        assertThat(plain(Files.readString(EXAMPLES.resolve("java/PlainClient.java"))))
                .contains(plain(readme));
    }

    @Test
    void itsConsoleCommandsAreTheExamples() throws IOException {
        String readme = plain(block("sh", "kafka-console-producer.sh"));
        assertThat(readme).isEqualTo(command("console/submit.sh") + " " + command("console/results.sh"));
    }

    @Test
    void itsCurlCommandIsTheExample() throws IOException {
        assertThat(plain(block("sh", "curl"))).isEqualTo(command("curl/wait.sh"));
    }

    /** What a script does without arguments, below its comment and its preparations. */
    private static String command(String script) throws IOException {
        String text = Files.readString(EXAMPLES.resolve(script));
        int begin = Stream.of("\necho", "\nkafka-console-consumer", "\ncurl")
                .mapToInt(text::lastIndexOf)
                .max()
                .orElseThrow();
        return plain(text.substring(begin)
                .replace("\"${1:-localhost:9092}\"", "localhost:9092")
                .replace("\"$server/v1/images\"", "http://localhost:8080/v1/images")
                .replace("\"$server\"", "localhost:9092")
                .replace("\"$@\"", ""));
    }

    private static String block(String language, String with) throws IOException {
        return BLOCK.matcher(Files.readString(Path.of("..", "README.md")))
                .results()
                .filter(found ->
                        found.group(1).equals(language) && found.group(2).contains(with))
                .map(found -> found.group(2))
                .findFirst()
                .orElseThrow();
    }

    /** However it is broken into lines. */
    private static String plain(String text) {
        return text.replace("\\\n", " ").replaceAll("\\s+", " ").strip();
    }
}
