package io.wurstwerk.pipeline;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A short name for everything that decides what is drawn. */
final class Fingerprint {
    private static final int DIGITS = 16;

    private Fingerprint() {}

    /** The first 16 hex digits of the SHA-256 of both texts. */
    static String of(String models, String tokenizer) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((models + '\n' + tokenizer).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
