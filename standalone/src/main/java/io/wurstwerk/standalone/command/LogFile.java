package io.wurstwerk.standalone.command;

import io.wurstwerk.standalone.stack.PortInUseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that takes the logs of everything in the process, so that the terminal is the user's alone. */
record LogFile(Path path) {

    interface Starting<T> {
        T start() throws InterruptedException;
    }

    static LogFile in(Path data, String name) {
        Path folder = data.toAbsolutePath().resolve("logs");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the log folder " + folder, e);
        }
        Path path = folder.resolve(name);
        System.setProperty("quarkus.log.file.path", path.toString());
        return new LogFile(path);
    }

    /** Runs a start and, when a part of the stack fails in it, says where more stands than one line can hold. */
    <T> T explaining(Starting<T> starting) throws InterruptedException {
        try {
            return starting.start();
        } catch (PortInUseException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalStateException(CommandLineInterface.reason(e) + " (log: " + path + ")", e);
        }
    }
}
