package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PaceTest {
    private static final long SECOND = 1_000_000_000;

    /** Ten steps of Stage C and four of Stage B, beside one each of text, Stage A and upload. */
    private final Plan plan = new Plan(1, 10, 4);

    private final Pace pace = new Pace(plan, new StageCosts());

    @Test
    void nothingIsForetoldBeforeStepsWereSeen() {
        assertThat(pace.left()).isEmpty();
        saw(0, "queued", 1, 1, 0);
        saw(0, "text", 0, 1, 50);
        saw(0, "stage_c", 1, 10, 52);

        assertThat(pace.left()).isEmpty();
    }

    @Test
    void aStageThatWasNotSeenYetCostsWhatAStepCostsOnAverage() {
        saw(0, "text", 0, 1, 100);
        saw(0, "stage_c", 1, 10, 102);
        saw(0, "stage_c", 7, 10, 108);

        // Eight steps in eight seconds, nine are left; the time in the line does not count.
        assertThat(pace.left()).contains(Duration.ofSeconds(9));
        assertThat(pace.share()).isCloseTo(8 / 17.0, within(1e-9));
    }

    @Test
    void everyStageIsCountedAtItsOwnCost() {
        saw(0, "text", 0, 1, 0);
        saw(0, "stage_c", 0, 10, 1);
        saw(0, "stage_c", 10, 10, 11);
        saw(0, "stage_b", 1, 4, 16);
        saw(0, "stage_b", 2, 4, 21);

        // Text 1 s, Stage C 10 s, Stage B 5 s a step: 21 s are done. Stage A and the upload are thought to take the
        // average of 21 s over 13 steps each.
        double left = 2 * 5 + 2 * 21.0 / 13;
        assertThat(pace.left().orElseThrow().toMillis() / 1e3).isCloseTo(left, within(1e-3));
    }

    @Test
    void theSecondImageIsForetoldFromTheFirst() {
        Pace two = new Pace(new Plan(2, 10, 4), new StageCosts());
        long at = 0;
        two.saw(event(0, 2, "text", 0, 1), at);
        two.saw(event(0, 2, "stage_c", 10, 10), 11 * SECOND);
        two.saw(event(0, 2, "stage_b", 4, 4), 31 * SECOND);
        two.saw(event(0, 2, "stage_a", 1, 1), 33 * SECOND);
        two.saw(event(0, 2, "upload", 1, 1), 34 * SECOND);

        assertThat(two.left()).contains(Duration.ofSeconds(34));
        assertThat(two.share()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void theJobsOwnWordOnItsStepsReplacesThePlan() {
        saw(0, "text", 0, 1, 0);
        saw(0, "stage_c", 1, 100, 2);
        saw(0, "stage_c", 49, 100, 50);

        // 50 of 107 steps in 50 seconds.
        assertThat(pace.left()).contains(Duration.ofSeconds(57));
    }

    @Test
    void anImageThatGoesBackToACheckpointTeachesNothingAboutSteps() {
        StageCosts costs = new StageCosts();
        Pace resumed = new Pace(plan, costs);
        resumed.saw(event(0, 1, "stage_c", 1, 10), 0);
        resumed.saw(event(0, 1, "stage_c", 8, 10), 7 * SECOND);
        resumed.saw(event(0, 1, "stage_c", 6, 10), 60 * SECOND);

        assertThat(costs.of(1)).isEqualTo(SECOND);
        // It is where it was a minute ago, and the job's pace so far includes that minute.
        assertThat(resumed.left())
                .contains(Duration.ofSeconds(60).multipliedBy(10).dividedBy(7));
    }

    @Test
    void eventsThatMakeNoSenseAreOverheard() {
        saw(-1, "stage_c", 1, 10, 0);
        saw(7, "stage_c", 1, 10, 0);
        saw(0, "nap", 1, 10, 0);

        assertThat(pace.share()).isZero();
        assertThat(pace.left()).isEmpty();
    }

    @Test
    void thePlanIsWhatTheRequestSays() throws Exception {
        assertThat(plan("{}")).isEqualTo(new Plan(1, 29, 12));
        assertThat(plan("{\"num_images_per_prompt\":3,\"prior_num_inference_steps\":7,\"num_inference_steps\":5}"))
                .isEqualTo(new Plan(3, 7, 5));
        assertThat(plan("{\"prior_timesteps\":[1,0.5,0],\"decoder_timesteps\":[1,0]}"))
                .isEqualTo(new Plan(1, 2, 1));
        assertThat(plan("{\"num_images_per_prompt\":\"many\",\"prior_num_inference_steps\":999999}"))
                .isEqualTo(new Plan(1, 200, 12));
    }

    @Test
    void aPersonSeesStageStepAndTimeLeft() {
        StringWriter err = new StringWriter();
        long[] now = {0};
        Progress progress = new Progress.OfJob(
                new StatusLine.Lines(new PrintWriter(err), Duration.ofSeconds(1), () -> now[0]), pace, () -> now[0]);
        progress.show(event(0, 1, "text", 0, 1));
        now[0] = 2 * SECOND;
        progress.show(event(0, 1, "stage_c", 1, 10));
        now[0] = 2 * SECOND + SECOND / 2;
        progress.show(event(0, 1, "stage_c", 2, 10));
        now[0] = 8 * SECOND;
        progress.show(event(0, 1, "stage_c", 7, 10));

        assertThat(err.toString().lines()).containsExactly("text 0/1", "stage c 1/10", "stage c 7/10, about 9 s left");
    }

    @Test
    void imagesThatTakeTurnsDoNotFillTheScreen() {
        StringWriter err = new StringWriter();
        Progress progress = new Progress.OfJob(
                new StatusLine.Lines(new PrintWriter(err), Duration.ofSeconds(1), () -> 0),
                new Pace(plan, new StageCosts()),
                () -> 0);
        for (int step = 1; step <= 2; step++) {
            progress.show(event(0, 2, "stage_c", step, 10));
            progress.show(event(1, 2, "stage_c", step, 10));
        }
        progress.show(event(1, 2, "stage_b", 1, 4));
        progress.show(event(0, 2, "stage_c", 3, 10));

        assertThat(err.toString().lines().map(line -> line.replaceFirst(", about.*", "")))
                .containsExactly(
                        "stage c 1/10 (image 1 of 2)", "stage c 1/10 (image 2 of 2)", "stage b 1/4 (image 2 of 2)");
    }

    @Test
    void aTerminalHasABarOfTheWholeJob() {
        StringWriter err = new StringWriter();
        Progress progress =
                new Progress.OfJob(new StatusLine.Bar(new PrintWriter(err)), new Pace(plan, new StageCosts()), () -> 0);
        progress.show(event(0, 1, "stage_b", 4, 4));
        progress.clear();
        progress.clear();

        // 15 of 17 steps are 26 of 30 signs.
        assertThat(err.toString()).isEqualTo("\r[" + "#".repeat(26) + "----] stage b 4/4\u001b[K" + "\r\u001b[K");
    }

    @Test
    void timesAreSaidInTwoUnits() {
        assertThat(Span.of(Duration.ofMillis(59_999))).isEqualTo("59 s");
        assertThat(Span.of(Duration.ofSeconds(60))).isEqualTo("1 min");
        assertThat(Span.of(Duration.ofSeconds(125))).isEqualTo("2 min 5 s");
        assertThat(Span.of(Duration.ofMinutes(121))).isEqualTo("2 h 1 min");
        assertThat(Span.of(Duration.ofHours(50))).isEqualTo("2 d 2 h");
        assertThat(Span.of(Duration.ofSeconds(-5))).isEqualTo("0 s");
        assertThat(Span.left(Duration.ofMillis(1))).isEqualTo("about 1 s left");
    }

    private void saw(int index, String stage, int step, int steps, long second) {
        pace.saw(event(index, 1, stage, step, steps), second * SECOND);
    }

    static JsonNode event(int index, int images, String stage, int step, int steps) {
        return new ObjectMapper()
                .createObjectNode()
                .put("index", index)
                .put("images", images)
                .put("stage", stage)
                .put("step", step)
                .put("steps", steps);
    }

    private static Plan plan(String request) throws Exception {
        return Plan.of(new ObjectMapper().readTree(request));
    }
}
