package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Sketch;
import io.wurstwerk.orchestrator.job.Timings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image that is whole and readable in the store.
 *
 * @param seed the 32 bits used, unsigned
 * @param truncated whether the prompt was longer than the text encoders take
 * @param spent where this image's time went
 * @param sketch of a draft's preview only
 * @param cost null where nobody knows
 */
public record StoredObject(
        String key,
        String sha256,
        long size,
        long seed,
        boolean truncated,
        Timings spent,
        @Nullable Sketch sketch,
        @Nullable Cost cost) {
    private static final int LINES = 11;
    private static final int LINES_OF_SKETCH = 5;

    /** An image that is drawn to its end, and nobody knows what it has cost. */
    public StoredObject(String key, String sha256, long size, long seed, boolean truncated, Timings spent) {
        this(key, sha256, size, seed, truncated, spent, null, null);
    }

    /** The same object, with what the engine knows of its cost. */
    StoredObject counted(int retries, int resumedSteps) {
        return cost == null
                ? this
                : new StoredObject(
                        key,
                        sha256,
                        size,
                        seed,
                        truncated,
                        spent,
                        sketch,
                        new Cost(cost.usage(), cost.stored(), retries, resumedSteps));
    }

    byte[] encode() {
        List<String> lines = new ArrayList<>(List.of(
                key,
                sha256,
                Long.toString(size),
                Long.toString(seed),
                Boolean.toString(truncated),
                spent.text().toString(),
                spent.stageC().toString(),
                spent.stageB().toString(),
                spent.stageA().toString(),
                spent.encode().toString(),
                spent.upload().toString()));
        if (sketch != null) {
            lines.addAll(List.of(
                    sketch.key(),
                    sketch.sha256(),
                    Long.toString(sketch.size()),
                    Integer.toString(sketch.width()),
                    Integer.toString(sketch.height())));
        }
        if (cost != null) {
            lines.add(cost.encode());
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException when the bytes are not what {@link #encode()} gives */
    static StoredObject decode(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
        // What was written before costs were kept has no line for them.
        boolean costed = lines.length == LINES + 1 || lines.length == LINES + LINES_OF_SKETCH + 1;
        int told = costed ? lines.length - 1 : lines.length;
        if (told != LINES && told != LINES + LINES_OF_SKETCH) {
            throw new IllegalArgumentException("a stored image has " + LINES + " lines, " + LINES_OF_SKETCH
                    + " more if it is a draft's, and one more with its cost, not " + lines.length);
        }
        Timings spent = new Timings(
                Duration.ZERO,
                Duration.parse(lines[5]),
                Duration.parse(lines[6]),
                Duration.parse(lines[7]),
                Duration.parse(lines[8]),
                Duration.parse(lines[9]),
                Duration.parse(lines[10]),
                Duration.ZERO);
        return new StoredObject(
                lines[0],
                lines[1],
                Long.parseLong(lines[2]),
                Long.parseLong(lines[3]),
                Boolean.parseBoolean(lines[4]),
                spent,
                told == LINES
                        ? null
                        : new Sketch(
                                lines[11],
                                lines[12],
                                Long.parseLong(lines[13]),
                                Integer.parseInt(lines[14]),
                                Integer.parseInt(lines[15])),
                costed ? Cost.decode(lines[told]) : null);
    }
}
