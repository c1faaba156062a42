package io.wurstwerk.pipeline.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.pipeline.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TorchGeneratorTest {
    private static final Golden UNITS = Golden.read("units");

    @Test
    void consecutiveDrawsOfEverySizeAndSeedEqualTorchBitForBit() {
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (JsonNode sequence : UNITS.meta().get("randn")) {
            if (!sequence.has("seq")) {
                continue;
            }
            long seed = sequence.get("seed").longValue();
            TorchGenerator generator = TorchGenerator.seeded(seed);
            for (int index = 0; index < sequence.get("seq").size(); index++) {
                int count = sequence.get("seq").get(index).intValue();
                TorchGenerator.Draw draw = generator.randn(count);
                String name = "randn." + seed + "." + index + "." + count;
                if (UNITS.has(name)) {
                    Golden.differences(draw.values(), UNITS.floats(name)).forEach(d -> differences.add(name + d));
                } else {
                    assertThat(Golden.sha256(List.of(draw.values()))).as(name).isEqualTo(hash(seed, index, count));
                }
                compared += count;
                generator = draw.next();
            }
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isGreaterThan(150_000);
    }

    @Test
    void theFirstDrawOfAQuarterOfAMillionValuesEqualsTorch() {
        for (long seed : new long[] {0, 42}) {
            for (int count : new int[] {9216, 262_144}) {
                assertThat(Golden.sha256(
                                List.of(TorchGenerator.seeded(seed).randn(count).values())))
                        .as("seed %d, %d values", seed, count)
                        .isEqualTo(hash(seed, 0, count));
            }
            for (int count : new int[] {5, 17}) {
                assertThat(Golden.differences(
                                TorchGenerator.seeded(seed).randn(count).values(),
                                UNITS.floats("randn." + seed + ".0." + count)))
                        .isEmpty();
            }
        }
    }

    @Test
    void twoImagesFromOneGeneratorGetTheNoiseThatDiffusersGaveThem() {
        Golden c = Golden.read("c");
        TorchGenerator.Draw latents = TorchGenerator.seeded(3).randn(2 * 16 * 3 * 3);
        TorchGenerator afterPrior = latents.next().skip(2 * 16 * 3 * 3, 6);
        TorchGenerator.Draw decoderLatents = afterPrior.randn(2 * 4 * 32 * 32);
        TorchGenerator after = decoderLatents.next().skip(2 * 4 * 32 * 32, 4);

        assertThat(Golden.differences(latents.values(), c.floats("prior.latents_init")))
                .isEmpty();
        assertThat(Golden.differences(decoderLatents.values(), c.floats("decoder.latents_init")))
                .isEmpty();
        assertThat(Golden.differences(after.randn(16).values(), c.floats("rng_after")))
                .isEmpty();
    }

    @Property(tries = 200)
    void skippingEqualsDrawing(
            @ForAll long seed,
            @ForAll @Size(max = 6) List<@IntRange(max = 700) Integer> before,
            @ForAll @IntRange(max = 700) int count,
            @ForAll @IntRange(max = 9) int draws) {
        TorchGenerator drawn = TorchGenerator.seeded(seed);
        for (int earlier : before) {
            drawn = drawn.randn(earlier).next();
        }
        TorchGenerator skipped = drawn.skip(count, draws);
        for (int i = 0; i < draws; i++) {
            drawn = drawn.randn(count).next();
        }
        assertThat(skipped.randn(40).values()).isEqualTo(drawn.randn(40).values());
        assertThat(skipped.randn(3).values()).isEqualTo(drawn.randn(3).values());
    }

    @Property(tries = 50)
    void onlyTheLow32BitsOfASeedMatter(@ForAll long seed, @ForAll int high) {
        long other = (seed & 0xffff_ffffL) | ((long) high << 32);
        assertThat(TorchGenerator.seeded(other).randn(20).values())
                .isEqualTo(TorchGenerator.seeded(seed).randn(20).values());
    }

    @Test
    void aGeneratorIsAValueThatAnswersTheSameAgain() {
        TorchGenerator generator = TorchGenerator.seeded(11).randn(3).next();
        assertThat(generator.randn(700).values()).isEqualTo(generator.randn(700).values());
        assertThat(generator.randn(2).values()).isEqualTo(generator.randn(2).values());
    }

    @Test
    void aNegativeCountIsRefused() {
        TorchGenerator generator = TorchGenerator.seeded(0);
        assertThatThrownBy(() -> generator.randn(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> generator.skip(16, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String hash(long seed, int index, int count) {
        for (JsonNode entry : UNITS.meta().get("randn")) {
            if (entry.get("seed").longValue() == seed
                    && entry.path("index").intValue() == index
                    && entry.path("n").intValue() == count) {
                return entry.get("sha256").textValue();
            }
        }
        throw new IllegalArgumentException("no hash for seed " + seed + ", draw " + index);
    }
}
