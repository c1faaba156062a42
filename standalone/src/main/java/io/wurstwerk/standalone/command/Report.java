package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** What a program reads on standard output and a person on standard error. */
record Report(PrintWriter out, PrintWriter err, boolean json) {
    private static final ObjectMapper JSON = new ObjectMapper();

    void note(String line) {
        err.println(line);
        err.flush();
    }

    void completed(Outcome.Completed outcome, List<Path> files) {
        if (json) {
            ObjectNode object = outcome.event().deepCopy();
            for (int i = 0; i < files.size(); i++) {
                ((ObjectNode) object.path("images").get(i))
                        .put("path", files.get(i).toString());
            }
            print(object.toString());
            return;
        }
        if (outcome.event().path("prompt_truncated").asBoolean()) {
            note("the prompt has more than 77 tokens: what came after them was left out");
        }
        for (int i = 0; i < files.size(); i++) {
            Outcome.DrawnImage image = outcome.images().get(i);
            print("image " + files.get(i) + " seed " + image.seed() + " url " + image.url() + " sha256 "
                    + image.sha256());
        }
    }

    void refused(Outcome.Refused outcome) {
        if (json) {
            print(outcome.event().toString());
        }
        note("wurstwerk: the job " + (outcome.state().equals("rejected") ? "was rejected" : "ended " + outcome.state())
                + ": " + outcome.reason());
    }

    void failed(String reason) {
        if (json) {
            ObjectNode object = JSON.createObjectNode().put("state", "failed");
            object.putObject("error").put("code", "unreachable").put("message", reason);
            print(object.toString());
        }
        note("wurstwerk: " + reason);
    }

    private void print(String line) {
        out.println(line);
        out.flush();
    }
}
