package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a program reads on standard output and a person on standard error. */
record Report(PrintWriter out, PrintWriter err, boolean json) {
    private static final ObjectMapper JSON = new ObjectMapper();

    void note(String line) {
        err.println(line);
        err.flush();
    }

    void completed(Outcome.Completed outcome, List<Path> files) {
        if (json) {
            object(withPaths(outcome, files));
            return;
        }
        if (outcome.event().path("prompt_truncated").asBoolean()) {
            note("the prompt has more than 77 tokens: what came after them was left out");
        }
        printImages(outcome, files);
    }

    /** One line of a file of prompts: its images on standard output, or its reason on standard error. */
    void line(LineResult result) {
        if (json) {
            object(
                    switch (result) {
                        case LineResult.Drawn drawn ->
                            numbered(drawn.number()).setAll(withPaths(drawn.outcome(), drawn.files()));
                        case LineResult.Failed(int number, String code, String reason, Optional<JsonNode> event) ->
                            numbered(number)
                                    .setAll(event.<ObjectNode>map(JsonNode::deepCopy)
                                            .orElseGet(() -> failure(code, reason)));
                    });
        } else if (result instanceof LineResult.Drawn drawn) {
            if (drawn.outcome().event().path("prompt_truncated").asBoolean()) {
                note("line " + drawn.number() + ": the prompt has more than 77 tokens: what came after was left out");
            }
            printImages(drawn.outcome(), drawn.files());
        }
        if (result instanceof LineResult.Failed failed) {
            note("wurstwerk: line " + failed.number() + ": " + failed.reason());
        }
    }

    void summary(Summary summary) {
        if (json) {
            object(summary.json());
        }
        note(summary.line());
    }

    private void printImages(Outcome.Completed outcome, List<Path> files) {
        for (int i = 0; i < files.size(); i++) {
            Outcome.DrawnImage image = outcome.images().get(i);
            print("image " + files.get(i) + " seed " + image.seed() + " url " + image.url() + " sha256 "
                    + image.sha256());
        }
    }

    void refused(Outcome.Refused outcome) {
        if (json) {
            object(outcome.event());
        }
        note("wurstwerk: the job " + (outcome.state().equals("rejected") ? "was rejected" : "ended " + outcome.state())
                + ": " + outcome.reason());
    }

    void failed(String reason) {
        if (json) {
            object(failure("unreachable", reason));
        }
        note("wurstwerk: " + reason);
    }

    void object(JsonNode object) {
        print(object.toString());
    }

    private static ObjectNode failure(String code, String reason) {
        ObjectNode object = JSON.createObjectNode().put("state", "failed");
        object.putObject("error").put("code", code).put("message", reason);
        return object;
    }

    private static ObjectNode numbered(int line) {
        return JSON.createObjectNode().put("line", line);
    }

    private static ObjectNode withPaths(Outcome.Completed outcome, List<Path> files) {
        ObjectNode object = outcome.event().deepCopy();
        for (int i = 0; i < files.size(); i++) {
            ((ObjectNode) object.path("images").get(i)).put("path", files.get(i).toString());
        }
        return object;
    }

    void print(String line) {
        out.println(line);
        out.flush();
    }
}
