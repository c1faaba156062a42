package io.wurstwerk.orchestrator.tenancy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The API keys of a file, which holds their hashes only: a line is the SHA-256 of a key in hexadecimal, blanks, and the
 * tenant's name; {@code #} begins a comment. A changed file is read again while the program runs; one that is wrong by
 * then changes nothing. A tenant may have several keys. Thread-safe.
 */
public final class ApiKeys {

    private static final Logger LOG = Logger.getLogger(ApiKeys.class);
    private static final int MOST_KEYS = 100_000;
    private static final int LONGEST_KEY = 1_024;

    private final Path file;
    private final Duration refresh;
    private final Clock clock;
    private volatile Reading reading;

    private record Stamp(FileTime modified, long size) {}

    private record Reading(Map<String, String> tenants, Stamp stamp, Instant lookedAt) {}

    /** @throws IllegalArgumentException when the file cannot be read or says something else */
    public ApiKeys(Path file, Duration refresh, Clock clock) {
        this.file = file;
        this.refresh = refresh;
        this.clock = clock;
        try {
            this.reading = read(stamp(), clock.instant());
        } catch (IOException e) {
            throw new IllegalArgumentException("wurstwerk.tenants.keys-file cannot be read: " + file, e);
        }
    }

    /** Whose key this is. */
    public Optional<String> tenant(String key) {
        if (key.length() > LONGEST_KEY) {
            return Optional.empty();
        }
        return Optional.ofNullable(current().tenants().get(sha256(key)));
    }

    /** Whether a tenant may have this name. */
    static boolean isTenant(String name) {
        return name.matches("[!-~]{1,128}");
    }

    private Reading current() {
        Instant now = clock.instant();
        if (fresh(now)) {
            return reading;
        }
        synchronized (this) {
            if (!fresh(now)) {
                reading = looked(reading, now);
            }
            return reading;
        }
    }

    private boolean fresh(Instant now) {
        return now.isBefore(reading.lookedAt().plus(refresh));
    }

    private Reading looked(Reading last, Instant now) {
        try {
            Stamp stamp = stamp();
            if (!stamp.equals(last.stamp())) {
                Reading fresh = read(stamp, now);
                LOG.infof("%s has %d API keys now", file, fresh.tenants().size());
                return fresh;
            }
        } catch (IOException | IllegalArgumentException wrong) {
            LOG.warnf("the API keys stay as they were: %s", wrong.getMessage());
        }
        return new Reading(last.tenants(), last.stamp(), now);
    }

    private Stamp stamp() throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime(), attributes.size());
    }

    private Reading read(Stamp stamp, Instant now) throws IOException {
        Map<String, String> tenants = new HashMap<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("#.*", "").strip();
            if (line.isEmpty()) {
                continue;
            }
            String[] words = line.split("\\s+", -1);
            if (words.length != 2 || !words[0].matches("[0-9a-fA-F]{64}") || !isTenant(words[1])) {
                throw new IllegalArgumentException(file + ", line " + (i + 1)
                        + ": expected the SHA-256 of a key (64 hexadecimal digits) and a tenant of up to 128 visible"
                        + " ASCII characters");
            }
            String other = tenants.putIfAbsent(words[0].toLowerCase(Locale.ROOT), words[1]);
            if (other != null && !other.equals(words[1])) {
                throw new IllegalArgumentException(
                        file + ", line " + (i + 1) + ": the key belongs to another tenant already");
            }
        }
        if (tenants.size() > MOST_KEYS) {
            throw new IllegalArgumentException(file + " has more than " + MOST_KEYS + " keys");
        }
        return new Reading(Map.copyOf(tenants), stamp, now);
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
