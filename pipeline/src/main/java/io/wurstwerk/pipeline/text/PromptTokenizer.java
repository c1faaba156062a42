package io.wurstwerk.pipeline.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;

/**
 * CLIP's tokenizer as {@code CLIPTokenizerFast} runs it in diffusers: 77 tokens, padded, truncated. Works without a
 * network; the native library comes out of a jar and is unpacked below {@code DJL_CACHE_DIR} (environment variable or
 * system property), else the home folder, else the temporary folder. Thread-safe.
 */
public final class PromptTokenizer implements AutoCloseable {
    /** Tokens that a text encoder takes. */
    public static final int LENGTH = 77;

    private final HuggingFaceTokenizer tokenizer;

    private PromptTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * A tokenizer from a {@code tokenizer.json}.
     *
     * @throws TokenizerException if it cannot be read, or does not pad and truncate as CLIP's does
     */
    public static PromptTokenizer read(TokenizerFile file) {
        keepToOneself();
        PromptTokenizer tokenizer = new PromptTokenizer(open(file.json(), file.origin()));
        try {
            tokenizer.requireClipPadding(file.origin());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
        return tokenizer;
    }

    /** Unless told otherwise, the library looks for a GPU build to download and reports its use to its makers. */
    private static void keepToOneself() {
        Map.of("OPT_OUT_TRACKING", "true", "RUST_FLAVOR", "cpu").forEach((name, value) -> {
            if (System.getenv(name) == null && System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }

    private static HuggingFaceTokenizer open(byte[] json, String origin) {
        // Padding needs the options as well as the padding section of the file: either alone pads with token 0.
        Map<String, String> options =
                Map.of("padding", "MAX_LENGTH", "truncation", "true", "maxLength", Integer.toString(LENGTH));
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
        } catch (IOException | RuntimeException e) {
            throw new TokenizerException(
                    "cannot read the tokenizer from " + origin + ": " + e.getMessage()
                            + "; it must be the tokenizer.json of the checkpoint that the text encoders were made from",
                    e);
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new TokenizerException(
                    "the tokenizer's native library does not load: " + e.getMessage()
                            + "; it is unpacked below DJL_CACHE_DIR (or the home folder), which must be writable",
                    e);
        }
    }

    private void requireClipPadding(String origin) {
        PromptTokens empty = tokenize("");
        boolean fits = empty.mask()[0] == 1 && empty.mask()[1] == 1;
        for (int i = 2; i < LENGTH && fits; i++) {
            fits = empty.mask()[i] == 0 && empty.ids()[i] == empty.ids()[1];
        }
        if (!fits) {
            throw new TokenizerException(
                    "the tokenizer from " + origin + " does not make start, end and " + (LENGTH - 2)
                            + " end tokens as padding of an empty prompt: its tokenizer.json needs CLIP's template and"
                            + " a padding section with a fixed length of " + LENGTH);
        }
    }

    public PromptTokens tokenize(String prompt) {
        Encoding encoding = tokenizer.encode(prompt, true, false);
        long[] ids = encoding.getIds();
        if (ids.length != LENGTH) {
            throw new TokenizerException(
                    "the tokenizer made " + ids.length + " tokens of a prompt instead of " + LENGTH);
        }
        return new PromptTokens(ids, encoding.getAttentionMask(), encoding.exceedMaxLength());
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
