package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import java.time.Duration;

/** Whom the engine tells what it does: metrics, logs, progress events. Told on the engine's thread; must not block. */
public interface EngineListener {
    void accepted();

    /**
     * Work on a job begins here; told before the start is written.
     *
     * @param running with the number of the attempt
     */
    void started(int partition, JobState.Running running);

    /** A partition is not owned here any more: what was done there and has no answer yet goes on elsewhere, or anew. */
    void left(int partition);

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

    /** From now on this pipeline draws. */
    void drawsWith(String pipeline);

    /** A lane is ready with another pipeline than the one that draws: it gets no work until it serves that. */
    void setAside(String lane, String pipeline, String drawing);

    /** A lane died while it worked on a job, which is counted against the job. */
    void laneCrashed(String lane, JobId job);
}
