package io.wurstwerk.pipeline.triton;

import java.util.List;

/** The server's model repository is not one that Würstchen can be drawn with. */
public final class RepositoryException extends RuntimeException {
    private final List<String> problems;

    RepositoryException(String endpoint, List<String> problems) {
        super("the model repository at " + endpoint + " does not fit: " + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Every problem found, each naming model and field. */
    public List<String> problems() {
        return problems;
    }
}
