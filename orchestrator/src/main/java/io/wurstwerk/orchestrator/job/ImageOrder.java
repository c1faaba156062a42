package io.wurstwerk.orchestrator.job;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A valid request with every default filled in: what is to be drawn, and nothing about when or where.
 *
 * @param prompt what to draw
 * @param negativePrompt what to steer away from; null for nothing
 * @param prior name of the prior checkpoint
 * @param seed of image 0; image i uses {@code seed + i}
 * @param images how many, 1 to 8
 * @param output the files that they become
 * @param course which part of the way; of a promotion the prompt and all that is drawn by are the draft's, and until that
 *     has been read there is no prompt and the rest are guesses
 */
public record ImageOrder(
        String prompt,
        @Nullable String negativePrompt,
        int width,
        int height,
        String prior,
        Schedule priorSchedule,
        double priorGuidanceScale,
        Schedule decoderSchedule,
        double decoderGuidanceScale,
        long seed,
        int images,
        OutputFile output,
        Course course) {

    public ImageOrder {
        requireNonNull(prompt, "prompt");
        requireNonNull(prior, "prior");
        requireNonNull(priorSchedule, "priorSchedule");
        requireNonNull(decoderSchedule, "decoderSchedule");
        requireNonNull(output, "output");
        requireNonNull(course, "course");
    }

    /** An order that is drawn to its end. */
    public ImageOrder(
            String prompt,
            @Nullable String negativePrompt,
            int width,
            int height,
            String prior,
            Schedule priorSchedule,
            double priorGuidanceScale,
            Schedule decoderSchedule,
            double decoderGuidanceScale,
            long seed,
            int images,
            OutputFile output) {
        this(
                prompt,
                negativePrompt,
                width,
                height,
                prior,
                priorSchedule,
                priorGuidanceScale,
                decoderSchedule,
                decoderGuidanceScale,
                seed,
                images,
                output,
                new Course.Whole());
    }

    /** An order of {@link OutputFile#DEFAULT}. */
    public ImageOrder(
            String prompt,
            @Nullable String negativePrompt,
            int width,
            int height,
            String prior,
            Schedule priorSchedule,
            double priorGuidanceScale,
            Schedule decoderSchedule,
            double decoderGuidanceScale,
            long seed,
            int images) {
        this(
                prompt,
                negativePrompt,
                width,
                height,
                prior,
                priorSchedule,
                priorGuidanceScale,
                decoderSchedule,
                decoderGuidanceScale,
                seed,
                images,
                OutputFile.DEFAULT);
    }

    /** How many times Stage C's model is asked for an image. */
    public int stageCSteps() {
        return course instanceof Course.Promotion ? 0 : priorSchedule.steps();
    }

    /** How many times Stage B's model is asked for an image. */
    public int stageBSteps() {
        return course instanceof Course.Draft ? 0 : decoderSchedule.steps();
    }

    /** Says what kind of order this is, never what it is of: the text must not reach a log by accident. */
    @Override
    public String toString() {
        return "ImageOrder[" + images + " of " + width + "x" + height + " by " + prior + "]";
    }
}
