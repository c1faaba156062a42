package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record of the prompts topic, read as far as it can be. */
sealed interface PromptEvent {

    Origin origin();

    /**
     * The body is a JSON object; whether it is a valid request is another question.
     *
     * @param problems what is wrong with the event's attributes
     * @param expiry the attribute {@code expirytime}
     */
    record Legible(
            Origin origin,
            ObjectNode body,
            List<Problem> problems,
            @Nullable Instant expiry) implements PromptEvent {}

    /** There is nothing to validate. */
    record Illegible(Origin origin, Rejection rejection) implements PromptEvent {}
}
