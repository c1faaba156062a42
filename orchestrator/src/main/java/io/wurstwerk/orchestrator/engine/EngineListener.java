package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;

/** Whom the engine tells what it does: metrics, logs, progress events. Told on the engine's thread; must not block. */
public interface EngineListener {
    void accepted();

    /** An event of a job that is there already, with the same body. */
    void duplicate();

    /** A submission that this version cannot read: somebody else wrote into the topic. */
    void unintelligible(int partition, long offset);

    /** All images of a job are stored; {@code predicted} is what was thought to be its cost when it was accepted. */
    void drawn(double predicted, Drawing drawing);

    /** The answer is durable. */
    void answered(JobState.Terminal state);

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
