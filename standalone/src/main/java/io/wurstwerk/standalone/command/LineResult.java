package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What became of a line of a file of prompts. */
sealed interface LineResult {
    /** Of the line, from 1. */
    int number();

    /** @param files one for each image, in order */
    record Drawn(int number, Outcome.Completed outcome, List<Path> files) implements LineResult {}

    /**
     * @param code from the catalogue of errors, or of this program
     * @param reason for a person; may have several lines
     * @param event data of the terminal event, if there was one
     */
    record Failed(int number, String code, String reason, Optional<JsonNode> event) implements LineResult {
        static Failed here(int number, String code, String reason) {
            return new Failed(number, code, reason, Optional.empty());
        }
    }
}
