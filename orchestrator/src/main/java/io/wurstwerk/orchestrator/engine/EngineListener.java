package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.time.Duration;

/** Whom the engine tells what it does: metrics, logs, progress events. Told on the engine's thread; must not block. */
public interface EngineListener {
    void accepted();

    /** An event of a job that is there already, with the same body. */
    void duplicate();

    /** A submission that this version cannot read: somebody else wrote into the topic. */
    void unintelligible(int partition, long offset);

    /**
     * All images of a job are delivered; told with its answer.
     *
     * @param predicted what was thought to be its cost when it was accepted
     * @param steps that its images needed, each image's beginning counted as one
     */
    void drawn(double predicted, int steps, Drawing drawing);

    /**
     * The answer is durable.
     *
     * @param took from the decision to the end of the transaction
     */
    void answered(JobState.Terminal state, Duration took);

    /**
     * A partition is at work here.
     *
     * @param took since it was assigned
     */
    void takenOver(int partition, Duration took, int openJobs, int answers);

    /** A partition remembers as many answers as it may and takes nothing in until old ones are forgotten. */
    void answersFull(int partition, int answers);

    void stepped(ImageId image, Canvas canvas);

    void resumed(ImageId image, int fromStep);

    void stored(ImageId image);

    void away(Dependency dependency);
}
