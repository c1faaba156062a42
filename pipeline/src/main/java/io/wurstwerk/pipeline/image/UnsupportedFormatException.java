package io.wurstwerk.pipeline.image;

/** This platform has no encoder for a format. */
public final class UnsupportedFormatException extends RuntimeException {
    UnsupportedFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
