package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static final Checkpoint BASE = checkpoint("base");

    @Property
    void theNearestSizeIsAValidOneAndNoneIsNearer(
            @ForAll @IntRange(min = 1, max = 10_000) int width, @ForAll @IntRange(min = 1, max = 10_000) int height) {
        ImageSize nearest = BASE.nearest(new ImageSize(width, height));

        assertThat(BASE.draws(nearest)).isTrue();
        assertThat(nearest.width() % 128).isZero();
        for (int side = 256; side <= 1536; side += 128) {
            assertThat(Math.abs(nearest.width() - width)).isLessThanOrEqualTo(Math.abs(side - width));
            assertThat(Math.abs(nearest.height() - height)).isLessThanOrEqualTo(Math.abs(side - height));
        }
    }

    @Test
    void onlyMultiplesWithinTheRangeAreDrawn() {
        assertThat(BASE.draws(new ImageSize(256, 1536))).isTrue();
        assertThat(BASE.draws(new ImageSize(1000, 1024))).isFalse();
        assertThat(BASE.draws(new ImageSize(128, 1024))).isFalse();
        assertThat(BASE.draws(new ImageSize(1024, 1664))).isFalse();
    }

    @Test
    void whereTheServerWasBuiltForSomeSizesOthersAreNotDrawn() {
        Checkpoint built = new Checkpoint(
                "base",
                8,
                "",
                new ImageSize(1024, 1024),
                256,
                2048,
                128,
                List.of(SizeRange.parse("512x512-1536x1536"), SizeRange.parse("1024x2048")));
        assertThat(built.draws(new ImageSize(1536, 512))).isTrue();
        assertThat(built.draws(new ImageSize(1024, 2048))).isTrue();
        assertThat(built.draws(new ImageSize(2048, 1024))).isFalse();
        assertThat(built.draws(new ImageSize(384, 512))).isFalse();
        assertThat(built.nearest(new ImageSize(1152, 1920))).isEqualTo(new ImageSize(1024, 2048));
    }

    @Test
    void theDefaultIsInterpolatedIfThereIsOneAndElseTheFirst() {
        Catalog both = new Catalog(List.of(BASE, checkpoint("interpolated")));
        assertThat(both.defaultCheckpoint().name()).isEqualTo("interpolated");
        assertThat(new Catalog(List.of(BASE)).defaultCheckpoint()).isEqualTo(BASE);
        assertThatThrownBy(() -> new Catalog(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyWithMethodChangesOneThingAndKeepsTheOthers() {
        ImageRequest request = ImageRequest.of(BASE, "a", 7)
                .withNegativePrompt("b")
                .withSize(new ImageSize(512, 256))
                .withPriorGuidanceScale(1)
                .withDecoderGuidanceScale(2)
                .withSeed(8);
        assertThat(request.prompt()).isEqualTo(new Prompt("a", "b", false, true));
        assertThat(request.size()).isEqualTo(new ImageSize(512, 256));
        assertThat(request.priorGuidanceScale()).isEqualTo(1);
        assertThat(request.decoderGuidanceScale()).isEqualTo(2);
        assertThat(request.seed()).isEqualTo(8);
        assertThat(request.withDecoderGuidanceScale(0).withPriorGuidanceScale(8).prompt())
                .isEqualTo(new Prompt("a", "b", true, false));
        assertThatThrownBy(() -> request.withPriorGuidanceScale(Double.NaN))
                .hasMessageContaining("prior_guidance_scale");
        assertThatThrownBy(() -> request.withDecoderGuidanceScale(-1)).hasMessageContaining("decoder_guidance_scale");
    }

    private static Checkpoint checkpoint(String name) {
        return new Checkpoint(name, 8, "", new ImageSize(1024, 1024), 256, 1536, 128, List.of());
    }
}
