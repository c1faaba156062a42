package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Submission;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Views without topics, for those who ask them: what the topics would say is said here. */
public final class Views {

    private Views() {}

    public static JobJson json(Clock clock) {
        return new JobJson(key -> URI.create("http://store/" + key), Duration.ofHours(1), clock);
    }

    public static JobView open(Path folder, Clock clock) {
        ViewBounds bounds = new ViewBounds(1_000, Duration.ofDays(14), 1);
        return JobView.open(folder, bounds, json(clock), order -> 10, clock);
    }

    /** What the submissions topic says. */
    public static void submitted(JobView view, Submission submission) {
        view.submitted(submission);
    }

    /** What the images topic says. */
    public static void answered(JobView view, JobId job, ObjectNode data, Instant at) {
        view.answered(job, data, at, 1);
    }
}
