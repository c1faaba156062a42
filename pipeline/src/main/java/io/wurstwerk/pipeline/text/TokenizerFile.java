package io.wurstwerk.pipeline.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} that has been read.
 *
 * @param origin where it came from, for messages
 * @param encoderConfig the {@code config.pbtxt} beside it, which tells whose tokenizer it is; null if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a file's contents on the way to the tokenizer, never compared
public record TokenizerFile(
        byte[] json, String origin, @Nullable String encoderConfig) {
    private static final String TOKENIZER = "tokenizer.json";
    private static final String CONFIG = "config.pbtxt";

    /**
     * Reads a file.
     *
     * @throws TokenizerException if it cannot be read
     */
    public static TokenizerFile read(Path file) {
        Path config = file.resolveSibling(CONFIG);
        try {
            return new TokenizerFile(
                    Files.readAllBytes(file), file.toString(), Files.exists(config) ? Files.readString(config) : null);
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
        try (InputStream json = TokenizerFile.class.getResourceAsStream(TOKENIZER);
                InputStream config = TokenizerFile.class.getResourceAsStream(CONFIG)) {
            return json == null || config == null
                    ? Optional.empty()
                    : Optional.of(new TokenizerFile(
                            json.readAllBytes(),
                            "this library",
                            new String(config.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new TokenizerException("cannot read the tokenizer that comes with this library", e);
        }
    }

    /** SHA-256 of the file, in hex. */
    public String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
