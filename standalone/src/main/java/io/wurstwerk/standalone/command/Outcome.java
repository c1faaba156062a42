package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;

/** How a job ended, as its terminal event says. */
sealed interface Outcome {
    String jobId();

    /** The data of the terminal event. */
    JsonNode event();

    record Completed(String jobId, List<DrawnImage> images, JsonNode event) implements Outcome {}

    /**
     * Any end without images.
     *
     * @param state failed, rejected, cancelled or expired
     * @param reason the error's code and message, and every wrong field
     */
    record Refused(String jobId, String state, String reason, JsonNode event) implements Outcome {}

    record DrawnImage(int index, long seed, URI url, String sha256) {}

    /** @param file the image's own, or of a draft its preview's */
    private static DrawnImage drawn(JsonNode image, JsonNode file) {
        return new DrawnImage(
                image.path("index").asInt(),
                image.path("seed").asLong(),
                URI.create(file.path("url").asText()),
                file.path("sha256").asText());
    }

    static Outcome of(String jobId, JsonNode event) {
        String state = event.path("state").asText();
        if (state.equals("completed")) {
            List<DrawnImage> images = event.path("images")
                    .valueStream()
                    .map(image -> drawn(image, image.has("preview") ? image.get("preview") : image))
                    .toList();
            return new Completed(jobId, images, event);
        }
        StringBuilder reason =
                new StringBuilder(event.path("error").path("code").asText());
        reason.append(": ").append(event.path("error").path("message").asText());
        for (JsonNode problem : event.path("problems")) {
            reason.append("\n  ")
                    .append(problem.path("field").asText())
                    .append(": ")
                    .append(problem.path("message").asText());
        }
        return new Refused(jobId, state, reason.toString(), event);
    }
}
