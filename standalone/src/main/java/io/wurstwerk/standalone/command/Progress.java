package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
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
    final class OfJob implements Progress {
        private final StatusLine line;
        private final Pace pace;
        private final LongSupplier nanoTime;
        private final Map<Integer, String> stages = new HashMap<>();
        private String occasion = "";

        OfJob(StatusLine line, Pace pace, LongSupplier nanoTime) {
            this.line = line;
            this.pace = pace;
            this.nanoTime = nanoTime;
        }

        /** An image that comes to another stage is an occasion; that images take turns is none. */
        @Override
        public void show(JsonNode event) {
            pace.saw(event, nanoTime.getAsLong());
            int image = event.path("index").asInt();
            String stage = event.path("stage").asText();
            if (!stage.equals(stages.put(image, stage))) {
                occasion = stage + image;
            }
            String left = pace.left().map(time -> ", " + Span.left(time)).orElse("");
            line.show(pace.share(), position(event) + left, occasion);
        }

        @Override
        public void clear() {
            line.clear();
        }
    }
}
