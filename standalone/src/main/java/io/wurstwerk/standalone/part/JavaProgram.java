package io.wurstwerk.standalone.part;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How programs of this process' own class path are started. */
final class JavaProgram {
    private JavaProgram() {}

    /** A small JVM without a program yet. */
    static List<String> command(int megabytes) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx" + megabytes + "m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
    }

    /** Every library of this process. What Quarkus has packed starts from one jar that has them in folders beside it. */
    static String libraries() {
        String path = System.getProperty("java.class.path");
        if (!path.contains(File.pathSeparator)) {
            Path beside = Path.of(path).toAbsolutePath().resolveSibling("lib");
            if (Files.isDirectory(beside)) {
                return Stream.of("main", "boot")
                        .map(folder -> beside.resolve(folder) + File.separator + "*")
                        .collect(Collectors.joining(File.pathSeparator));
            }
        }
        return path;
    }
}
