package io.wurstwerk.orchestrator.job;

import static java.util.Objects.requireNonNull;

/**
 * The kind of file that an image becomes, and what the file says about its making.
 *
 * @param quality 1 to 100; of no meaning for a lossless format
 */
public record OutputFile(Format format, int quality, Metadata metadata) {
    public static final int DEFAULT_QUALITY = 90;

    /** PNG with nothing but pixels. */
    public static final OutputFile DEFAULT = new OutputFile(Format.PNG, DEFAULT_QUALITY, Metadata.NONE);

    public OutputFile {
        requireNonNull(format, "format");
        requireNonNull(metadata, "metadata");
    }

    public enum Format {
        PNG("png", "png", "image/png"),
        JPEG("jpeg", "jpg", "image/jpeg"),
        WEBP("webp", "webp", "image/webp");

        private final String wire;
        private final String extension;
        private final String contentType;

        Format(String wire, String extension, String contentType) {
            this.wire = wire;
            this.extension = extension;
            this.contentType = contentType;
        }

        /** @throws IllegalArgumentException when there is no such format */
        public static Format of(String wire) {
            for (Format format : values()) {
                if (format.wire.equals(wire)) {
                    return format;
                }
            }
            throw new IllegalArgumentException("no format is called that");
        }

        /**
         * The format of a stored image, as its name says.
         *
         * @throws IllegalArgumentException when the name ends as that of no format
         */
        public static Format ofKey(String key) {
            for (Format format : values()) {
                if (key.endsWith("." + format.extension)) {
                    return format;
                }
            }
            throw new IllegalArgumentException("no image is called " + key);
        }

        public String wire() {
            return wire;
        }

        /** How names of such files end, without the dot. */
        public String extension() {
            return extension;
        }

        public String contentType() {
            return contentType;
        }

        /** Whether a file can be made smaller at the cost of its likeness. */
        public boolean lossy() {
            return this != PNG;
        }
    }

    /** What a file says about its making. */
    public enum Metadata {
        /** Nothing. */
        NONE("none"),
        /** That a model made it, which one, and with which numbers. */
        PARAMETERS("parameters"),
        /** The prompts, too. */
        FULL("full");

        private final String wire;

        Metadata(String wire) {
            this.wire = wire;
        }

        /** @throws IllegalArgumentException when nothing is called that */
        public static Metadata of(String wire) {
            for (Metadata metadata : values()) {
                if (metadata.wire.equals(wire)) {
                    return metadata;
                }
            }
            throw new IllegalArgumentException("no metadata are called that");
        }

        public String wire() {
            return wire;
        }
    }
}
