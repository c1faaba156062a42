package io.wurstwerk.pipeline.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A {@code tokenizer.json} that has been read.
 *
 * @param origin where it came from, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // a file's contents on the way to the tokenizer, never compared
public record TokenizerFile(byte[] json, String origin) {
    private static final String BUNDLED = "tokenizer.json";

    /**
     * Reads a file.
     *
     * @throws TokenizerException if it cannot be read
     */
    public static TokenizerFile read(Path file) {
        try {
            return new TokenizerFile(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new TokenizerException(
                    "cannot read the tokenizer from " + file + " ("
                            + e.getClass().getSimpleName()
                            + "): it must be the tokenizer.json that stands beside the config.pbtxt of"
                            + " text_encoder_prior in the model repository",
                    e);
        }
    }

    /** The tokenizer of the model repository that this library was built with. */
    public static Optional<TokenizerFile> bundled() {
        try (InputStream stream = TokenizerFile.class.getResourceAsStream(BUNDLED)) {
            return stream == null
                    ? Optional.empty()
                    : Optional.of(new TokenizerFile(stream.readAllBytes(), "this library"));
        } catch (IOException e) {
            throw new TokenizerException("cannot read the tokenizer that comes with this library", e);
        }
    }

    public String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
