package io.wurstwerk.orchestrator.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Usage;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.EmbeddingScale;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Decoding;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.GenerationPlan;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.LatentGeometry;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaneCanvasTest {
    private static final int STEPS = 4;
    private static final Course PROMOTION =
            new Course.Promotion(JobId.of(new Origin("acme", "urn:test", "draft")), null, null, null, null, null);
    private static final GenerationPlan PLAN = new GenerationPlan(
            new ImageSize(128, 128),
            new LatentGeometry(42.67, 10.67),
            new EmbeddingScale(42, 1),
            Timesteps.linear(STEPS),
            0,
            Timesteps.linear(2),
            0,
            7);
    private static final Conditioning TEXT = new Conditioning(new float[4], null, new float[4], null, false);

    @Test
    void anImageGoesOnFromEveryStepOfStageCAndFromItsEndAndBecomesTheSame() {
        List<Generation> course = course(Generation.begin(PLAN, TEXT));
        for (int step = 0; step <= STEPS; step++) {
            LaneCanvas canvas = canvas(course.get(step), new Course.Whole());
            assertThat(canvas.stageCSteps()).isEqualTo(step);
            assertThat(canvas.resumable()).isTrue();
            Generation resumed = Generation.resume(PLAN, TEXT, step, LaneCanvas.latents(canvas.state()));
            List<Generation> rest = course(resumed);
            assertThat(rest).hasSize(course.size() - step);
            assertThat(((Decoding) rest.getLast()).latents()).isEqualTo(((Decoding) course.getLast()).latents());
        }
    }

    @Test
    void whatStageBHasBegunGoesOnFromNoLatentsOfItsOwn() {
        List<Generation> course = course(Generation.begin(PLAN, TEXT));
        for (Generation decoding : course.subList(STEPS + 1, course.size())) {
            LaneCanvas canvas = canvas(decoding, new Course.Whole());
            assertThat(canvas.stageCSteps()).isEqualTo(STEPS);
            assertThat(canvas.resumable()).isFalse();
            assertThatIllegalStateException().isThrownBy(canvas::state);
        }
    }

    @Test
    void aPromotionHasItsDraftToGoOnFrom() {
        Generation begun = course(Generation.begin(PLAN, TEXT)).get(STEPS);
        assertThat(canvas(begun, new Course.Whole()).resumable()).isTrue();
        assertThat(canvas(begun, PROMOTION).resumable()).isFalse();
    }

    /** All that a generation becomes, itself first. */
    private static List<Generation> course(Generation begin) {
        List<Generation> course = new ArrayList<>(List.of(begin));
        while (course.getLast() instanceof Denoising denoising) {
            float[] prediction = denoising.latents();
            for (int i = 0; i < prediction.length; i++) {
                prediction[i] = (float) Math.tanh(prediction[i] + denoising.step());
            }
            course.add(denoising.advance(prediction));
        }
        return course;
    }

    private static LaneCanvas canvas(Generation generation, Course course) {
        var order = new ImageOrder(
                "p",
                null,
                128,
                128,
                "base",
                new Schedule.Linear(STEPS),
                0,
                new Schedule.Linear(2),
                0,
                7,
                1,
                OutputFile.DEFAULT,
                course);
        return new LaneCanvas(
                "0123456789abcdef", "acme", order, false, generation, Map.of(), Usage.NONE, Optional.empty());
    }
}
