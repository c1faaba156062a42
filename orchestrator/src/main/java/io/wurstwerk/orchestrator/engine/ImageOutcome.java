package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.pipeline.StageTimings;
import java.time.Duration;
import java.time.Instant;

/** What became of one image. */
sealed interface ImageOutcome {

    /**
     * It is in the store.
     *
     * @param startedAt when it got its place
     * @param pipeline fingerprint of what drew it
     */
    record Stored(
            StoredImage image,
            boolean promptTruncated,
            String pipeline,
            Instant startedAt,
            StageTimings stages,
            Duration encode,
            Duration upload)
            implements ImageOutcome {}

    /** It cannot be had, which ends the whole job. */
    record Ended(JobState.Terminal state) implements ImageOutcome {}
}
