package io.wurstwerk.orchestrator.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;

/** The documents of the public contract. Programs depend on them, so each is kept as it is served. */
public enum Document {
    /** The HTTP API; refers to no other document. */
    OPENAPI("openapi.yaml", "application/yaml"),
    /** The topics; refers to the events' schemas by relative paths. */
    ASYNCAPI("asyncapi.yaml", "application/yaml"),
    ERRORS("errors.json", "application/json"),
    REQUEST("events/request.schema.json", Document.SCHEMA),
    COMMAND("events/command.schema.json", Document.SCHEMA),
    PROGRESS("events/progress.schema.json", Document.SCHEMA),
    COMPLETED("events/completed.schema.json", Document.SCHEMA),
    FAILED("events/failed.schema.json", Document.SCHEMA),
    REJECTED("events/rejected.schema.json", Document.SCHEMA),
    CANCELLED("events/cancelled.schema.json", Document.SCHEMA),
    EXPIRED("events/expired.schema.json", Document.SCHEMA);

    private static final String SCHEMA = "application/schema+json";

    private final String path;
    private final String mediaType;

    Document(String path, String mediaType) {
        this.path = path;
        this.mediaType = mediaType;
    }

    /** The document of this path, relative to the contract's root; empty where there is none. */
    public static Optional<Document> at(String path) {
        return Arrays.stream(values())
                .filter(document -> document.path.equals(path))
                .findFirst();
    }

    /** Relative to the contract's root, with slashes between its parts. */
    public String path() {
        return path;
    }

    public String mediaType() {
        return mediaType;
    }

    /** The document, read anew at every call. */
    public byte[] bytes() {
        try (InputStream resource = Document.class.getResourceAsStream("/contract/" + path)) {
            if (resource == null) {
                throw new IllegalStateException("the document " + path + " is missing in this build");
            }
            return resource.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException("the document " + path + " cannot be read", broken);
        }
    }
}
