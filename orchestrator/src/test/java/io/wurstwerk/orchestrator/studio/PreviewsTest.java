package io.wurstwerk.orchestrator.studio;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.EmbeddingScale;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.GenerationPlan;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.LatentGeometry;
import io.wurstwerk.pipeline.diffusion.PreviewMap;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import io.wurstwerk.pipeline.image.Preview;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PreviewsTest {
    private static final JobId JOB = JobId.of(new Origin("acme", "urn:test", "1"));
    private static final PreviewMap MAP = new PreviewMap(weights(), new double[] {0.5, 0.5, 0.5});

    private final HandClock clock = new HandClock();
    private int computed;
    private final Supplier<Optional<PreviewMap>> map = () -> {
        computed++;
        return Optional.of(MAP);
    };

    @Test
    void nothingIsComputedWhenNobodyWatches() {
        Previews previews = new Previews(Watchers.NOBODY, Duration.ofMillis(500), clock);
        assertThat(run(previews, 20, Duration.ofSeconds(1))).isEmpty();
        assertThat(computed).isZero();
    }

    @Test
    void onlyTheWatchedJobIsPreviewed() {
        JobId other = JobId.of(new Origin("acme", "urn:test", "2"));
        Previews previews = new Previews(JOB::equals, Duration.ofMillis(500), clock);
        Denoising begin = begin(3);
        Denoising next = step(begin);
        assertThat(previews.of(image(other, 0), map, begin, next)).isEmpty();
        assertThat(computed).isZero();
        assertThat(previews.of(image(JOB, 0), map, begin, next)).isPresent();
        assertThat(computed).isEqualTo(1);
    }

    @Test
    void thereAreTwoASecondAtMostAndNoMoreAreComputed() {
        Previews previews = new Previews(Watchers.EVERYBODY, Duration.ofMillis(500), clock);
        // 20 steps of Stage C and 4 of Stage B, 100 ms each, so 2.4 seconds: at 0, 0.5, 1.0, 1.5 and, of the end, 2.0.
        assertThat(run(previews, 20, Duration.ofMillis(100))).containsExactly(1, 6, 11, 16, 21);
        assertThat(computed).isEqualTo(5);
    }

    @Test
    void theEndIsShownOnceAlsoWhenItIsDueOnlyInStageB() {
        Previews previews = new Previews(Watchers.EVERYBODY, Duration.ofMillis(250), clock);
        // Steps 1 to 3 are Stage C's, so the end is there from 3 on; due at 1, and then at 4.
        assertThat(run(previews, 3, Duration.ofMillis(100))).containsExactly(1, 4);
    }

    @Test
    void everyImageHasARateOfItsOwn() {
        Previews previews = new Previews(Watchers.EVERYBODY, Duration.ofMillis(500), clock);
        Denoising begin = begin(3);
        Denoising next = step(begin);
        assertThat(previews.of(image(JOB, 0), map, begin, next)).isPresent();
        assertThat(previews.of(image(JOB, 1), map, begin, next)).isPresent();
        assertThat(previews.of(image(JOB, 1), map, begin, next)).isEmpty();
    }

    @Test
    void aPreviewIsOfTheOutlook() {
        Previews previews = new Previews(Watchers.EVERYBODY, Duration.ofMillis(500), clock);
        Denoising begin = begin(3);
        Denoising next = step(begin);
        Preview preview = previews.of(image(JOB, 0), map, begin, next).orElseThrow();
        assertThat(preview.png())
                .isEqualTo(
                        Preview.of(MAP, next.stageCShape(), begin.outlook(next)).png());
        assertThat(List.of(preview.width(), preview.height())).containsExactly(96, 96);
    }

    @Test
    void aCheckpointWithoutAMapHasNoPreview() {
        Previews previews = new Previews(Watchers.EVERYBODY, Duration.ofMillis(500), clock);
        Denoising begin = begin(3);
        assertThat(previews.of(image(JOB, 0), Optional::empty, begin, step(begin)))
                .isEmpty();
    }

    /** Numbers of the steps, from 1, after which there was a preview. */
    private List<Integer> run(Previews previews, int steps, Duration each) {
        List<Integer> shown = new ArrayList<>();
        Denoising at = begin(steps);
        for (int step = 1; step <= steps + 4; step++) {
            Denoising next = step(at);
            if (previews.of(image(JOB, 0), map, at, next).isPresent()) {
                shown.add(step);
            }
            clock.now = clock.now.plus(each);
            at = next;
        }
        return shown;
    }

    private static ImageId image(JobId job, int index) {
        return new ImageId(0, 1, job, 1, index, 1);
    }

    private static Denoising begin(int steps) {
        float[] text = new float[4];
        GenerationPlan plan = new GenerationPlan(
                new ImageSize(128, 128),
                new LatentGeometry(42.67, 10.67),
                new EmbeddingScale(42, 1),
                Timesteps.linear(steps),
                0,
                Timesteps.linear(8),
                0,
                7);
        return (Denoising) Generation.begin(plan, new Conditioning(text, null, text, null, false));
    }

    private static Denoising step(Denoising at) {
        return (Denoising) at.advance(new float[at.latents().length]);
    }

    private static double[] weights() {
        double[] weights = new double[PreviewMap.WEIGHTS];
        weights[0] = 0.2;
        weights[20] = -0.3;
        return weights;
    }
}
