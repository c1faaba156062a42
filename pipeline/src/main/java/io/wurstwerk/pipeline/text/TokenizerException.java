package io.wurstwerk.pipeline.text;

/** There is no tokenizer, or none that fits the text encoders. */
public final class TokenizerException extends RuntimeException {
    public TokenizerException(String message) {
        super(message);
    }

    TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }
}
