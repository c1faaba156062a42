package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whom nothing needs to be told; it remembers the little that tests ask for. */
final class Nobody implements EngineListener {
    final List<Duration> takeovers = new ArrayList<>();
    final List<Duration> finishes = new ArrayList<>();
    final List<Integer> full = new ArrayList<>();

    @Override
    public void drawn(double predicted, int steps, Drawing drawing) {}

    @Override
    public void started(int partition, JobState.Running running) {}

    @Override
    public void left(int partition) {}

    @Override
    public void accepted() {}

    @Override
    public void duplicate() {}

    @Override
    public void unintelligible(int partition, long offset) {}

    @Override
    public void answered(JobState.Terminal state, Duration took) {
        finishes.add(took);
    }

    @Override
    public void takenOver(int partition, Duration took, int openJobs, int answers) {
        takeovers.add(took);
    }

    @Override
    public void answersFull(int partition, int answers) {
        full.add(answers);
    }

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
