package io.wurstwerk.orchestrator.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The name of a job, a pure function of its {@link Origin}: base32 (RFC 4648, lower case, no padding) of the SHA-256
 * over tenant, source and id, each preceded by its length in bytes (4 bytes, big endian).
 *
 * @param value the name, safe in object keys, headers and file names
 */
public record JobId(String value) {

    private static final Pattern SHAPE = Pattern.compile("[a-z2-7]{52}(-[0-9a-f]{16})?");
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int CONFLICT_DIGITS = 16;

    public JobId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("not a job id: expected 52 characters of lower-case base32");
        }
    }

    /** The job that an event of this origin asks for. */
    public static JobId of(Origin origin) {
        MessageDigest digest = sha256();
        for (String part : List.of(origin.tenant(), origin.source(), origin.id())) {
            byte[] bytes = part.getBytes(UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return new JobId(base32(digest.digest()));
    }

    /** The id under which a second, different body of the same origin is refused. */
    public JobId conflictWith(BodyHash other) {
        return new JobId(value.substring(0, 52) + "-" + other.hex().substring(0, CONFLICT_DIGITS));
    }

    /** The seed of a request that names none: 32 bits that every attempt of the job derives alike. */
    public long derivedSeed() {
        byte[] hash = sha256().digest(value.getBytes(UTF_8));
        return Integer.toUnsignedLong(ByteBuffer.wrap(hash, hash.length - Integer.BYTES, Integer.BYTES)
                .getInt());
    }

    @Override
    public String toString() {
        return value;
    }

    /**
     * What a body says, whatever its layout: SHA-256 of the canonical request, or of the bytes where they are no JSON.
     *
     * @param hex 64 lower-case hexadecimal digits
     */
    public record BodyHash(String hex) {
        private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

        public BodyHash {
            if (!SHAPE.matcher(hex).matches()) {
                throw new IllegalArgumentException("not a SHA-256: expected 64 lower-case hexadecimal digits");
            }
        }

        public static BodyHash of(byte[] canonical) {
            return new BodyHash(HexFormat.of().formatHex(sha256().digest(canonical)));
        }
    }

    private static String base32(byte[] bytes) {
        var text = new StringBuilder();
        int buffer = 0;
        int bits = 0;
        for (byte b : bytes) {
            buffer = (buffer << 8) | (b & 0xff);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(ALPHABET.charAt((buffer >>> bits) & 31));
            }
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt((buffer << (5 - bits)) & 31));
        }
        return text.toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
