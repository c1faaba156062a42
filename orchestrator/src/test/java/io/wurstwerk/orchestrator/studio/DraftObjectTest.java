package io.wurstwerk.orchestrator.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DraftObjectTest {

    private static final JobId JOB = JobId.of(new Origin("acme", "urn:test", "draft"));
    private static final ImageOrder ORDER = new ImageOrder(
            "a star",
            "clouds",
            256,
            128,
            "base",
            new Schedule.Listed(List.of(1.0, 0.5, 0.0)),
            4.5,
            new Schedule.Linear(7),
            1.5,
            -3,
            2,
            new OutputFile(OutputFile.Format.WEBP, 55, OutputFile.Metadata.FULL),
            new Course.Draft());
    private static final DraftObject DRAFT = new DraftObject(
            "0123456789abcdef", ORDER, new LatentShape(2, 1, 2), new float[] {1.5f, -0.0f, Float.MIN_VALUE, -3.25f});

    @Test
    void whatIsWrittenIsRead() {
        DraftObject read = DraftObject.decode(DRAFT.encode());
        assertThat(read.pipeline()).isEqualTo(DRAFT.pipeline());
        assertThat(read.order()).isEqualTo(ORDER);
        assertThat(read.shape()).isEqualTo(DRAFT.shape());
        assertThat(read.latents()).isEqualTo(DRAFT.latents());
    }

    @Test
    void everyShortenedOrChangedObjectIsRefused() {
        byte[] object = DRAFT.encode();
        for (int length = 0; length < object.length; length++) {
            byte[] torn = Arrays.copyOf(object, length);
            assertThatIllegalArgumentException().isThrownBy(() -> DraftObject.decode(torn));
        }
        for (int place : List.of(0, 7, object.length - 1, object.length - 16)) {
            byte[] flawed = object.clone();
            flawed[place] ^= 1;
            assertThatIllegalArgumentException().isThrownBy(() -> DraftObject.decode(flawed));
        }
    }

    @Test
    void aPromotionChangesWhatItNamesAndNothingElse() {
        Drafts drafts = (tenant, draft, index) -> tenant.equals("acme") && draft.equals(JOB) && index == 0
                ? Optional.of(DRAFT.encode())
                : Optional.empty();
        var unchanged = new Course.Promotion(JOB, null, null, null, null, null);
        assertThat(drafts.find("acme", unchanged, 2, 0, DRAFT.pipeline()).order())
                .isEqualTo(with(ORDER.decoderSchedule(), 1.5, ORDER.output(), 2, unchanged));
        var changed = new Course.Promotion(
                JOB, new Schedule.Linear(3), 0.0, OutputFile.Format.JPEG, 10, OutputFile.Metadata.NONE);
        assertThat(drafts.find("acme", changed, 1, 0, DRAFT.pipeline()).order())
                .isEqualTo(with(
                        new Schedule.Linear(3),
                        0,
                        new OutputFile(OutputFile.Format.JPEG, 10, OutputFile.Metadata.NONE),
                        1,
                        changed));
        assertUnusable(Failure.Code.DRAFT_NOT_FOUND, () -> drafts.find("bolt", unchanged, 1, 0, DRAFT.pipeline()));
        assertUnusable(Failure.Code.DRAFT_NOT_FOUND, () -> drafts.find("acme", unchanged, 2, 1, DRAFT.pipeline()));
        assertUnusable(Failure.Code.DRAFT_UNFIT, () -> drafts.find("acme", unchanged, 1, 0, "fedcba9876543210"));
        Drafts foreign = (_, _, _) -> Optional.of(new byte[100]);
        assertUnusable(Failure.Code.DRAFT_UNFIT, () -> foreign.find("acme", unchanged, 1, 0, DRAFT.pipeline()));
    }

    private static ImageOrder with(
            Schedule decoder, double guidance, OutputFile output, int images, Course.Promotion course) {
        return new ImageOrder(
                "a star",
                "clouds",
                256,
                128,
                "base",
                ORDER.priorSchedule(),
                4.5,
                decoder,
                guidance,
                -3,
                images,
                output,
                course);
    }

    private static void assertUnusable(Failure.Code code, Runnable finding) {
        assertThatThrownBy(finding::run)
                .isInstanceOfSatisfying(
                        Drafts.UnusableException.class,
                        unusable -> assertThat(unusable.refusal())
                                .isEqualTo(new Refusal.Impossible(code, String.valueOf(unusable.getMessage()))));
    }
}
