package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** How far a job is: a bar that redraws itself on a terminal, plain lines elsewhere. */
sealed interface Progress {
    /** @param event data of a progress event */
    void show(JsonNode event);

    /** Takes away what would be overwritten by what follows. */
    void clear();

    /** A bar if the launcher saw a terminal on standard error, else lines. */
    static Progress on(PrintWriter err) {
        return Boolean.getBoolean("wurstwerk.terminal") ? new Bar(err) : new Lines(err, Duration.ofSeconds(1));
    }

    private static String position(JsonNode event) {
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

    final class Bar implements Progress {
        private static final int WIDTH = 30;
        private final PrintWriter err;
        private boolean drawn;

        Bar(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void show(JsonNode event) {
            int steps = Math.max(1, event.path("steps").asInt());
            int full = Math.clamp((long) WIDTH * event.path("step").asInt() / steps, 0, WIDTH);
            String bar = "#".repeat(full) + "-".repeat(WIDTH - full);
            // Carriage return and "erase to the end of the line": the next state overwrites this one.
            err.print(String.format(Locale.ROOT, "\r[%s] %s\u001b[K", bar, position(event)));
            err.flush();
            drawn = true;
        }

        @Override
        public void clear() {
            if (drawn) {
                err.print("\r\u001b[K");
                err.flush();
                drawn = false;
            }
        }
    }

    final class Lines implements Progress {
        private final PrintWriter err;
        private final Duration between;
        private String stage = "";
        private long last;

        Lines(PrintWriter err, Duration between) {
            this.err = err;
            this.between = between;
        }

        @Override
        public void show(JsonNode event) {
            String now = event.path("stage").asText() + event.path("index").asInt();
            long time = System.nanoTime();
            if (!now.equals(stage) || time - last >= between.toNanos()) {
                stage = now;
                last = time;
                err.println(position(event));
                err.flush();
            }
        }

        @Override
        public void clear() {
            // A line is finished as soon as it is written.
        }
    }
}
