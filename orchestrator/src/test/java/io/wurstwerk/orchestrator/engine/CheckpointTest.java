package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NO_TIME;
import static io.wurstwerk.orchestrator.engine.Samples.PIPELINE;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static io.wurstwerk.orchestrator.engine.Samples.latents;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Sketch;
import io.wurstwerk.orchestrator.job.Usage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static final Cost COST = new Cost(
            new Usage(
                    Duration.ofMillis(1),
                    Duration.ofMillis(20),
                    Duration.ofMillis(300),
                    Duration.ofMillis(4),
                    1_000,
                    2_000,
                    1234.5,
                    0.125),
            678,
            2,
            10);
    private static final Checkpoint STORED = new Checkpoint(
            id(1),
            3,
            2,
            PIPELINE,
            new Checkpoint.Stored(new StoredObject("v1/a/b/3-c.png", "c", 12_345, 0xffffffffL, true, NO_TIME)));

    @Test
    void latentsComeBackAsTheyWere() {
        Checkpoint written = latents(1, 2, 15);
        Checkpoint read = Checkpoint.decode(written.key(), written.encode()).orElseThrow();
        assertThat(read).usingRecursiveComparison().isEqualTo(written);
        assertThat(read.content().progress()).isEqualTo(15);
        assertThat(written.key()).isEqualTo(id(1) + "/0");
    }

    @Test
    void aStoredImageComesBackAsItWasAndIsFurtherThanAnyStep() {
        Checkpoint read = Checkpoint.decode(STORED.key(), STORED.encode()).orElseThrow();
        assertThat(read).isEqualTo(STORED);
        assertThat(read.content().progress()).isGreaterThan(1_000_000);
    }

    @Test
    void aStoredDraftComesBackWithItsLatents() {
        var object = new StoredObject(
                "v1/a/b/3-c.png",
                "c",
                12_345,
                7,
                false,
                NO_TIME,
                new Sketch("drafts/v1/a/b/3.latents", "d", 678, 96, 48),
                COST);
        Checkpoint written = new Checkpoint(id(1), 3, 2, PIPELINE, new Checkpoint.Stored(object));
        assertThat(Checkpoint.decode(written.key(), written.encode())).contains(written);
    }

    @Test
    void whatAnImageHasCostSoFarComesBackWithItsLatentsAndWithTheStoredImage() {
        Usage unknown = new Usage(
                Duration.ofNanos(1),
                Duration.ofHours(30),
                Duration.ZERO,
                Duration.ofMillis(5),
                1L << 40,
                2,
                null,
                null);
        for (Cost cost : List.of(COST, new Cost(unknown, 0, 0, 0))) {
            Checkpoint latents =
                    new Checkpoint(id(1), 3, 2, PIPELINE, new Checkpoint.Latents(7, new byte[] {1, 2, 3, 4}, cost));
            assertThat(Checkpoint.decode(latents.key(), latents.encode()).orElseThrow())
                    .usingRecursiveComparison()
                    .isEqualTo(latents);
            Checkpoint stored = new Checkpoint(
                    id(1),
                    3,
                    2,
                    PIPELINE,
                    new Checkpoint.Stored(new StoredObject("k", "c", 5, 7, false, NO_TIME, null, cost)));
            assertThat(Checkpoint.decode(stored.key(), stored.encode())).contains(stored);
        }
    }

    /** Bytes as the version before costs wrote them. */
    @Test
    void aCheckpointWithoutACostIsWrittenAndReadAsItAlwaysWas() {
        assertThat(latents(1, 2, 15).encode()).startsWith(0, 0, 0, 1, 0, 0, 0, 2);
        Checkpoint read = Checkpoint.decode(STORED.key(), STORED.encode()).orElseThrow();
        assertThat(((Checkpoint.Stored) read.content()).object().cost()).isNull();
    }

    @Test
    void aFlippedBitAnywhereMakesItWorthless() {
        for (Checkpoint written : List.of(
                latents(1, 2, 15),
                STORED,
                new Checkpoint(id(1), 3, 2, PIPELINE, new Checkpoint.Latents(7, new byte[] {1, 2, 3, 4}, COST)))) {
            byte[] value = written.encode();
            for (int bit = 0; bit < value.length * 8; bit++) {
                byte[] damaged = value.clone();
                damaged[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(Checkpoint.decode(written.key(), damaged))
                        .as("bit %d", bit)
                        .isEmpty();
            }
        }
    }

    @Test
    void aTruncatedOrEmptyOrProlongedOneIsWorthless() {
        byte[] value = STORED.encode();
        for (int length = 0; length < value.length; length++) {
            assertThat(Checkpoint.decode(STORED.key(), Arrays.copyOf(value, length)))
                    .isEmpty();
        }
        assertThat(Checkpoint.decode(STORED.key(), Arrays.copyOf(value, value.length + 1)))
                .isEmpty();
    }

    @Test
    void aKeyThatNamesNoImageIsRefused() {
        byte[] value = STORED.encode();
        for (String key :
                List.of("", "x", "/", id(1).value(), id(1) + "/", id(1) + "/x", "job/3", id(1) + "/99999999999")) {
            assertThat(Checkpoint.decode(key, value)).as(key).isEmpty();
        }
    }
}
