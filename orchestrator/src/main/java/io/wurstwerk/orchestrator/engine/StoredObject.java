package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Timings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * An image that is whole and readable in the store.
 *
 * @param seed the 32 bits used, unsigned
 * @param truncated whether the prompt was longer than the text encoders take
 * @param spent where this image's time went
 */
public record StoredObject(String key, String sha256, long size, long seed, boolean truncated, Timings spent) {

    byte[] encode() {
        return String.join(
                        "\n",
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
                        spent.upload().toString())
                .getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException when the bytes are not what {@link #encode()} gives */
    static StoredObject decode(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
        if (lines.length != 11) {
            throw new IllegalArgumentException("a stored image has 11 lines, not " + lines.length);
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
                spent);
    }
}
