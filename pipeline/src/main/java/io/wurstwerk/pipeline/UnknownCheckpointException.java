package io.wurstwerk.pipeline;

import java.util.List;

/** A request names a Stage C checkpoint that the repository does not have. */
public final class UnknownCheckpointException extends RuntimeException {
    UnknownCheckpointException(String name, List<String> known) {
        super("there is no checkpoint \"" + name + "\"; this repository has " + String.join(", ", known));
    }
}
