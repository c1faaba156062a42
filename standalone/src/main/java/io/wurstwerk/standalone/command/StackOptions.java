package io.wurstwerk.standalone.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that has to do with a stack on this machine. */
final class StackOptions {
    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "where a stack keeps its topics, images and logs (default: ${DEFAULT-VALUE})")
    Path data = defaultData();

    @Option(
            names = "--repository",
            paramLabel = "FOLDER",
            description = "the Triton model repository to draw with (default: the one that ships)")
    @Nullable
    Path repository;

    Path repositoryOrShipped() {
        return repository != null
                ? repository
                : Path.of(System.getProperty("wurstwerk.repository", "triton-models/repository"));
    }

    static Path defaultData() {
        String named = System.getenv("WURSTWERK_DATA");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        String base = System.getenv("XDG_DATA_HOME");
        Path folder = base != null && !base.isBlank()
                ? Path.of(base)
                : Path.of(System.getProperty("user.home"), ".local", "share");
        return folder.resolve("wurstwerk");
    }
}
