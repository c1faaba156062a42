package io.wurstwerk.pipeline.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;

/**
 * Notices that files have other contents than before, by their hash: a mounted secret may be swapped without a newer
 * time. Looks no more often than it is told to. Thread-safe.
 */
public final class ChangingFiles {
    /** Far more than a bundle of every authority there is. */
    private static final long LARGEST = 4 << 20;

    private final List<Path> files;
    private final Duration interval;
    private final InstantSource clock;
    private String contents;
    private Instant lookedAt;

    /**
     * Reads the files.
     *
     * @param interval between two looks
     * @throws IOException when one cannot be read; its message names it
     */
    public ChangingFiles(List<Path> files, Duration interval, InstantSource clock) throws IOException {
        this.files = List.copyOf(files);
        this.interval = interval;
        this.clock = clock;
        this.contents = read();
        this.lookedAt = clock.instant();
    }

    /**
     * Whether something has changed since the last time that this said so. Files that cannot be read have not changed:
     * they are looked at again later.
     */
    public synchronized boolean changed() {
        Instant now = clock.instant();
        if (now.isBefore(lookedAt.plus(interval))) {
            return false;
        }
        lookedAt = now;
        try {
            String found = read();
            boolean other = !found.equals(contents);
            contents = found;
            return other;
        } catch (IOException away) {
            return false;
        }
    }

    private String read() throws IOException {
        MessageDigest digest = sha256();
        for (Path file : files) {
            if (Files.size(file) > LARGEST) {
                throw new IOException(file + " has more than " + LARGEST + " bytes: it holds no certificates");
            }
            digest.update(Files.readAllBytes(file));
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
