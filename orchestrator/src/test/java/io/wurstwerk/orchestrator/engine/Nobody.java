package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;

/** Whom nothing needs to be told. */
final class Nobody implements EngineListener {
    @Override
    public void drawn(double predicted, Drawing drawing) {}

    @Override
    public void accepted() {}

    @Override
    public void duplicate() {}

    @Override
    public void unintelligible(int partition, long offset) {}

    @Override
    public void answered(JobState.Terminal state) {}

    @Override
    public void stepped(ImageId image, Canvas canvas) {}

    @Override
    public void resumed(ImageId image, int fromStep) {}

    @Override
    public void stored(ImageId image) {}

    @Override
    public void away(JobState.Dependency dependency) {}

    @Override
    public void drawsWith(String pipeline) {}

    @Override
    public void setAside(String lane, String pipeline, String drawing) {}

    @Override
    public void laneCrashed(String lane, JobId job) {}
}
