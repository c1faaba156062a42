package io.wurstwerk.standalone.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Where it is shown how far something is: a bar that redraws itself on a terminal, plain lines elsewhere. */
sealed interface StatusLine {
    /**
     * @param share how much is done, from 0 to 1
     * @param occasion a new one is always worth a line
     */
    void show(double share, String text, String occasion);

    /** Takes away what would be overwritten by what follows. */
    void clear();

    /** A bar if the launcher saw a terminal on standard error, else lines. */
    static StatusLine on(PrintWriter err) {
        return Boolean.getBoolean("wurstwerk.terminal")
                ? new Bar(err)
                : new Lines(err, Duration.ofSeconds(1), System::nanoTime);
    }

    final class Bar implements StatusLine {
        private static final int WIDTH = 30;
        private final PrintWriter err;
        private boolean drawn;

        Bar(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void show(double share, String text, String occasion) {
            int full = Math.clamp((long) (WIDTH * share), 0, WIDTH);
            String bar = "#".repeat(full) + "-".repeat(WIDTH - full);
            // Carriage return and "erase to the end of the line": the next state overwrites this one.
            err.print(String.format(Locale.ROOT, "\r[%s] %s\u001b[K", bar, text));
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

    final class Lines implements StatusLine {
        private final PrintWriter err;
        private final Duration between;
        private final LongSupplier nanoTime;
        private String occasion = "";
        private long last;

        /** @param between how long nothing is written as long as the occasion stays the same */
        Lines(PrintWriter err, Duration between, LongSupplier nanoTime) {
            this.err = err;
            this.between = between;
            this.nanoTime = nanoTime;
        }

        @Override
        public void show(double share, String text, String newOccasion) {
            long now = nanoTime.getAsLong();
            if (!newOccasion.equals(occasion) || now - last >= between.toNanos()) {
                occasion = newOccasion;
                last = now;
                err.println(text);
                err.flush();
            }
        }

        @Override
        public void clear() {
            // A line is finished as soon as it is written.
        }
    }
}
