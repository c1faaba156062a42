package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs files of {@code docs/examples} in processes of their own, as a reader would. */
public final class Example {

    private static final Path FOLDER =
            Path.of("..", "docs", "examples").toAbsolutePath().normalize();
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Map<String, String> TOOLS = Map.of(
            "kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer",
            "kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer");

    private final Path tools;

    /** @param tools an empty folder for Kafka's console tools: their own classes behind the names that they have */
    public Example(Path tools) throws IOException {
        this.tools = tools;
        for (Map.Entry<String, String> tool : TOOLS.entrySet()) {
            Path file = tools.resolve(tool.getKey());
            Files.writeString(file, """
                    #!/bin/sh
                    exec "$TEST_JAVA" -XX:TieredStopAtLevel=1 -cp "$TEST_CLASS_PATH" %s "$@"
                    """.formatted(tool.getValue()));
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
    }

    /** What the script prints on standard output; fails when it fails. */
    public String shell(String script, String... arguments) throws Exception {
        return run(List.of(FOLDER.resolve(script).toString()), arguments);
    }

    /** Compiles and runs the file with the libraries of the tests. */
    public String java(String name, String... arguments) throws Exception {
        return run(
                List.of(
                        JAVA.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FOLDER.resolve("java").resolve(name + ".java").toString()),
                arguments);
    }

    /** Runs the file with this Python, which has what its requirements name. */
    public String python(String python, String script, String... arguments) throws Exception {
        return run(List.of(python, FOLDER.resolve("python").resolve(script).toString()), arguments);
    }

    private String run(List<String> command, String... arguments) throws Exception {
        var all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        Path output = Files.createTempFile(tools, "out", ".txt");
        Path errors = Files.createTempFile(tools, "err", ".txt");
        var builder = new ProcessBuilder(all)
                .directory(tools.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("TEST_JAVA", JAVA.toString());
        builder.environment().put("TEST_CLASS_PATH", System.getProperty("java.class.path"));
        builder.environment().merge("PATH", tools.toString(), (path, first) -> first + File.pathSeparator + path);
        Process process = builder.start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as("%s %s", command.getLast(), Files.readString(errors, UTF_8))
                .isTrue();
        return Files.readString(output, UTF_8);
    }
}
