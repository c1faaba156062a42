package io.wurstwerk.orchestrator.job;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** Which part of the way to the picture a job goes. */
public sealed interface Course {

    /** All of it. */
    record Whole() implements Course {}

    /** To the end of Stage C: a preview, and the latents for whoever wants the picture later. */
    record Draft() implements Course {}

    /**
     * From a draft's latents on. What is null is as the draft's request said it.
     *
     * @param draft the job that left the latents, of the same tenant
     * @param quality only with a format
     */
    record Promotion(
            JobId draft,
            @Nullable Schedule decoderSchedule,
            @Nullable Double decoderGuidanceScale,
            OutputFile.@Nullable Format format,
            @Nullable Integer quality,
            OutputFile.@Nullable Metadata metadata)
            implements Course {
        public Promotion {
            requireNonNull(draft, "draft");
        }

        /**
         * The whole order, once it is known what the draft was ordered as.
         *
         * @param images how many of the draft's images are wanted, from the first one
         */
        public ImageOrder of(ImageOrder drafted, int images) {
            OutputFile file = drafted.output();
            return new ImageOrder(
                    drafted.prompt(),
                    drafted.negativePrompt(),
                    drafted.width(),
                    drafted.height(),
                    drafted.prior(),
                    drafted.priorSchedule(),
                    drafted.priorGuidanceScale(),
                    decoderSchedule == null ? drafted.decoderSchedule() : decoderSchedule,
                    decoderGuidanceScale == null ? drafted.decoderGuidanceScale() : decoderGuidanceScale,
                    drafted.seed(),
                    images,
                    new OutputFile(
                            format == null ? file.format() : format,
                            format == null ? file.quality() : quality == null ? OutputFile.DEFAULT_QUALITY : quality,
                            metadata == null ? file.metadata() : metadata),
                    this);
        }
    }
}
