package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is added to a log while one door is asked. */
final class LogTail {
    private final Path log;
    private long read;
    /** The last line that is no part of a stack trace. */
    private String said = "";

    /** Passes over what is there already. */
    LogTail(Path log) throws IOException {
        this.log = log;
        read = Files.size(log);
    }

    /**
     * Reads what has come.
     *
     * @throws Finding when a line says that something failed which nobody foresaw, or has a prompt
     */
    void requireQuiet() throws Finding, IOException {
        if (Files.size(log) < read) {
            // It has been begun anew.
            read = 0;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(log).position(read);
                BufferedReader lines = new BufferedReader(Channels.newReader(channel, ISO_8859_1))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String loud = loud(line);
                if (loud != null) {
                    throw new Finding("the log says: " + loud);
                }
            }
            read = channel.position();
        }
    }

    private @Nullable String loud(String line) {
        boolean trace = line.startsWith("\tat ") || line.startsWith("Caused by: ");
        if (!trace && !line.isEmpty()) {
            said = line;
        }
        if (line.contains(Junk.CANARY)) {
            return line;
        }
        // Broker and store beside Wurstwerk, its framework and gRPC complain of things of their own.
        boolean ours = said.contains("[io.");
        return ours && (trace || line.contains(" ERROR [")) ? said : null;
    }
}
