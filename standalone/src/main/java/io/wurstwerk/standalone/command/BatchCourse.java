package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How far a file of prompts is and how long it still takes, learnt from the steps of all of its jobs. */
final class BatchCourse {
    private final StatusLine line;
    private final LongSupplier nanoTime;
    private final StageCosts costs = new StageCosts();
    private final Map<String, Pace> underWay = new HashMap<>();
    private final Steps waiting = new Steps();
    private final Steps drawn = new Steps();
    private final int jobs;
    private int done;
    private int failed;
    private long begun;
    private boolean moving;

    /** Steps of each stage. */
    private static final class Steps {
        private final long[] ofStage = new long[StageCosts.STAGES.size()];

        void add(Plan plan, int times) {
            for (int stage = 0; stage < ofStage.length; stage++) {
                ofStage[stage] += (long) times * plan.images() * plan.steps(stage);
            }
        }

        double work(StageCosts costs) {
            double work = 0;
            for (int stage = 0; stage < ofStage.length; stage++) {
                work += ofStage[stage] * costs.of(stage);
            }
            return work;
        }
    }

    /** @param jobs how many lines there are */
    BatchCourse(StatusLine line, int jobs, LongSupplier nanoTime) {
        this.line = line;
        this.jobs = jobs;
        this.nanoTime = nanoTime;
    }

    /** The job is still to be submitted. */
    void expects(Plan plan) {
        waiting.add(plan, 1);
    }

    void submitted(String jobId, Plan plan) {
        waiting.add(plan, -1);
        underWay.put(jobId, new Pace(plan, costs));
        show();
    }

    /** @param event data of a progress event */
    void saw(String jobId, JsonNode event) {
        long now = nanoTime.getAsLong();
        if (!moving) {
            moving = true;
            begun = now;
        }
        Pace pace = underWay.get(jobId);
        if (pace != null) {
            pace.saw(event, now);
            show();
        }
    }

    void drawn(String jobId, Plan plan) {
        underWay.remove(jobId);
        drawn.add(plan, 1);
        done++;
        show();
    }

    /** What was done for a job that failed says nothing about the time of the others. */
    void failed(String jobId) {
        underWay.remove(jobId);
        failed++;
        show();
    }

    /** The line was never submitted. */
    void dropped() {
        failed++;
        show();
    }

    void clear() {
        line.clear();
    }

    private void show() {
        double begunWork = underWay.values().stream().mapToDouble(Pace::done).sum();
        double worked = drawn.work(costs) + begunWork;
        double left = waiting.work(costs)
                + underWay.values().stream().mapToDouble(Pace::whole).sum()
                - begunWork;
        StringBuilder text = new StringBuilder();
        text.append(done).append(" of ").append(jobs).append(" done");
        if (failed > 0) {
            text.append(", ").append(failed).append(" failed");
        }
        if (!underWay.isEmpty()) {
            text.append(", ").append(underWay.size()).append(" under way");
        }
        if (costs.known() && left > 0) {
            Pace.left(nanoTime.getAsLong() - begun, worked, left)
                    .ifPresent(time -> text.append(", ").append(Span.left(time)));
        }
        line.show(worked + left > 0 ? worked / (worked + left) : 1, text.toString(), done + "/" + failed);
    }
}
