package io.wurstwerk.pipeline;

import java.util.List;

/**
 * What a repository can draw with.
 *
 * @param checkpoints at least one
 */
public record Catalog(List<Checkpoint> checkpoints) {
    private static final String PREFERRED = "interpolated";

    public Catalog {
        checkpoints = List.copyOf(checkpoints);
        if (checkpoints.isEmpty()) {
            throw new IllegalArgumentException("a catalog has at least one checkpoint");
        }
    }

    /**
     * The checkpoint of that name.
     *
     * @throws UnknownCheckpointException if there is none
     */
    public Checkpoint checkpoint(String name) {
        return checkpoints.stream()
                .filter(checkpoint -> checkpoint.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnknownCheckpointException(
                        name, checkpoints.stream().map(Checkpoint::name).toList()));
    }

    /** The interpolated checkpoint if there is one, else the first. */
    public Checkpoint defaultCheckpoint() {
        return checkpoints.stream()
                .filter(checkpoint -> checkpoint.name().equals(PREFERRED))
                .findFirst()
                .orElse(checkpoints.getFirst());
    }
}
