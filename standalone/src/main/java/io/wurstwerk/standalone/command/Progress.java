package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.LongSupplier;

/** Hears how far a job is. */
sealed interface Progress {
    /** @param event data of a progress event */
    void show(JsonNode event);

    /** Takes away what would be overwritten by what follows. */
    void clear();

    /** Stage, step and image, in words. */
    static String position(JsonNode event) {
        String stage = event.path("stage").asText().replace('_', ' ');
        int steps = event.path("steps").asInt();
        String step = steps > 0 ? " " + event.path("step").asInt() + "/" + steps : "";
        int images = event.path("images").asInt(1);
        String image = images > 1 ? " (image " + (event.path("index").asInt() + 1) + " of " + images + ")" : "";
        return stage + step + image;
    }

    /** Nobody looks. */
    record None() implements Progress {
        @Override
        public void show(JsonNode event) {
            // Nobody looks.
        }

        @Override
        public void clear() {
            // Nothing was shown.
        }
    }

    /** One job: where it is, and how long it still takes. */
    record OfJob(StatusLine line, Pace pace, LongSupplier nanoTime) implements Progress {
        @Override
        public void show(JsonNode event) {
            pace.saw(event, nanoTime.getAsLong());
            String left = pace.left().map(time -> ", " + Span.left(time)).orElse("");
            line.show(
                    pace.share(),
                    position(event) + left,
                    event.path("stage").asText() + event.path("index").asInt());
        }

        @Override
        public void clear() {
            line.clear();
        }
    }
}
