package io.wurstwerk.standalone;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.standalone.stack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file tree of the container images, made by the script that makes it for the Dockerfile: with nothing but it and a
 * Java runtime, orchestrator and worker start, draw, and stop in order.
 */
final class ImageTreeIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path TREE = Path.of("target", "image").toAbsolutePath();

    @TempDir
    private static Path folder;

    private static List<String> recorded;
    private static List<String> before;
    private static List<String> ran;

    @BeforeAll
    static void assembleAndRun() throws Exception {
        clear(TREE);
        command(ROOT.resolve("docker/assemble.sh"), TREE.toString());
        recorded = rehearse("record");
        before = files();
        ran = rehearse("run");
    }

    @Test
    void theProgramsDrawThePictureTheyDrewWhenTheirCachesWereMade() {
        assertThat(ran).filteredOn(line -> line.startsWith("drawn ")).hasSize(1).isSubsetOf(recorded);
        assertThat(ran)
                .anyMatch(line -> line.startsWith("ready worker after "))
                .anyMatch(line -> line.startsWith("ready orchestrator after "));
    }

    @Test
    void theProgramsStopInOrderWhenTheyAreTold() {
        for (List<String> lines : List.of(recorded, ran)) {
            assertThat(lines)
                    .anyMatch(line -> line.startsWith("stopped orchestrator status 143 "))
                    .anyMatch(line -> line.startsWith("stopped worker status 0 "));
        }
    }

    /** The root of a container is read-only. */
    @Test
    void theProgramsWriteNothingIntoTheTree() throws Exception {
        assertThat(files()).isEqualTo(before).anyMatch(line -> line.startsWith("orchestrator/classes.aot "));
    }

    @Test
    void theDockerfileCopiesTheWholeTreeAndStartsItAsTheScriptDoes() throws Exception {
        String dockerfile = Files.readString(ROOT.resolve("docker/Dockerfile"));
        String script = Files.readString(ROOT.resolve("docker/rehearse.sh"));
        for (String part : List.of("orchestrator", "worker")) {
            String stage = Arrays.stream(dockerfile.split("(?m)^FROM "))
                    .filter(one -> one.lines().findFirst().orElseThrow().endsWith(" AS " + part))
                    .findFirst()
                    .orElseThrow();
            try (Stream<Path> entries = Files.list(TREE.resolve(part))) {
                // The list of libraries is for people.
                assertThat(entries.map(entry -> entry.getFileName().toString())
                                .filter(name -> !name.equals("quarkus-app-dependencies.txt")))
                        .allMatch(name -> stage.contains("/opt/wurstwerk/" + part + "/" + name + " "));
            }
            assertThat(stage).contains("ENTRYPOINT [\"java\", \"-XX:AOTCache=classes.aot\", \"@java.args\"]");
        }
        assertThat(script).contains("-XX:AOTCache=classes.aot").contains("$(cache \"$part\") @java.args");
    }

    private static List<String> rehearse(String mode) throws Exception {
        Path data = Files.createDirectory(folder.resolve(mode));
        Ports ports = Ports.free();
        return command(
                ROOT.resolve("docker/rehearse.sh"),
                mode,
                TREE.toString(),
                Path.of("target", "quarkus-app", "quarkus-run.jar").toString(),
                data.toString(),
                Stream.of(
                                ports.kafka(),
                                ports.controller(),
                                ports.store(),
                                ports.triton(),
                                ports.health(),
                                ports.metrics(),
                                ports.http())
                        .map(String::valueOf)
                        .reduce((left, right) -> left + "," + right)
                        .orElseThrow());
    }

    private static List<String> command(Path script, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(script.toString()));
        words.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out-", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as("%s%n%s", words, Files.readString(out))
                .isTrue();
        return Files.readAllLines(out);
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> found = Files.walk(TREE)) {
            return List.copyOf(found.filter(Files::isRegularFile)
                    .map(file -> TREE.relativize(file) + " " + file.toFile().length() + " "
                            + file.toFile().lastModified())
                    .collect(toCollection(TreeSet::new)));
        }
    }

    private static void clear(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> found = Files.walk(tree)) {
                for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
