package io.wurstwerk.standalone.command;

import java.time.Duration;

/** A length of time in words. */
final class Span {
    private Span() {}

    /** In two units at most: "12 s", "2 min 5 s", "3 h 20 min", "5 d 2 h". */
    static String of(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return two(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
        }
        return two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
    }

    /** What is still to come is never nothing. */
    static String left(Duration duration) {
        return "about " + of(duration.plusNanos(999_999_999)) + " left";
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
