package io.wurstwerk.orchestrator.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an image or a job has cost.
 *
 * @param stored bytes put into the store
 * @param retries calls of models and uploads that failed and were made again
 * @param resumedSteps steps that are in the result and were drawn before its last interruption
 */
public record Cost(Usage usage, long stored, int retries, int resumedSteps) {
    private static final int WORDS = 11;
    private static final String UNKNOWN = "-";

    public Cost plus(Cost more) {
        return new Cost(
                usage.plus(more.usage), stored + more.stored, retries + more.retries, resumedSteps + more.resumedSteps);
    }

    /** One line, for checkpoints. */
    public String encode() {
        return String.join(
                " ",
                Long.toString(usage.text().toNanos()),
                Long.toString(usage.stageC().toNanos()),
                Long.toString(usage.stageB().toNanos()),
                Long.toString(usage.stageA().toNanos()),
                Long.toString(usage.sent()),
                Long.toString(usage.received()),
                word(usage.joules()),
                word(usage.grams()),
                Long.toString(stored),
                Integer.toString(retries),
                Integer.toString(resumedSteps));
    }

    /** @throws IllegalArgumentException when the line is not what {@link #encode()} gives */
    public static Cost decode(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != WORDS) {
            throw new IllegalArgumentException("a cost has " + WORDS + " words, not " + words.length);
        }
        Usage usage = new Usage(
                Duration.ofNanos(Long.parseLong(words[0])),
                Duration.ofNanos(Long.parseLong(words[1])),
                Duration.ofNanos(Long.parseLong(words[2])),
                Duration.ofNanos(Long.parseLong(words[3])),
                Long.parseLong(words[4]),
                Long.parseLong(words[5]),
                number(words[6]),
                number(words[7]));
        return new Cost(usage, Long.parseLong(words[8]), Integer.parseInt(words[9]), Integer.parseInt(words[10]));
    }

    private static String word(@Nullable Double number) {
        return number == null ? UNKNOWN : number.toString();
    }

    private static @Nullable Double number(String word) {
        return word.equals(UNKNOWN) ? null : Double.valueOf(word);
    }
}
