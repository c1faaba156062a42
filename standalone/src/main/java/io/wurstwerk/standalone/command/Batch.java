package io.wurstwerk.standalone.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Draws the lines of a file of prompts, so many at a time. */
final class Batch {
    private final Desk desk;
    private final Album album;
    private final RequestOptions options;
    private final Consumer<LineResult> results;
    private final LongSupplier nanoTime;
    private final int atOnce;
    private final Duration limit;

    private final Map<String, Job> underWay = new LinkedHashMap<>();
    private final List<Integer> failed = new ArrayList<>();
    private int done;
    private int images;

    /** Where images are put. */
    interface Album {
        /** @return one file for each image, in order */
        List<Path> keep(int line, Outcome.Completed outcome) throws IOException, InterruptedException;
    }

    private record Job(int number, Plan plan, long end) {}

    /**
     * @param options what a line that does not say it means
     * @param results hears of every line once, in the order in which they end
     * @param atOnce how many jobs are under way at most
     * @param limit how long one job is waited for
     */
    Batch(
            Desk desk,
            Album album,
            RequestOptions options,
            Consumer<LineResult> results,
            LongSupplier nanoTime,
            int atOnce,
            Duration limit) {
        this.desk = desk;
        this.album = album;
        this.options = options;
        this.results = results;
        this.nanoTime = nanoTime;
        this.atOnce = atOnce;
        this.limit = limit;
    }

    /** Returns when every line is drawn or has failed. For one run. */
    Summary run(List<PromptLine> lines, BatchCourse course) throws InterruptedException {
        long start = nanoTime.getAsLong();
        Queue<PromptLine> waiting = new ArrayDeque<>(lines);
        for (PromptLine line : lines) {
            if (line instanceof PromptLine.Wish wish) {
                course.expects(plan(wish));
            }
        }
        try {
            while (!waiting.isEmpty() || !underWay.isEmpty()) {
                while (underWay.size() < atOnce && !waiting.isEmpty()) {
                    begin(waiting.peek(), course);
                    waiting.remove();
                }
                for (News news : desk.news(underWay.keySet())) {
                    hear(news, course);
                }
                giveUpLate(course);
            }
        } catch (IOException | RuntimeException e) {
            failRest(waiting, CommandLineInterface.reason(e), course);
        }
        course.clear();
        return new Summary(
                done, failed.stream().sorted().toList(), images, Duration.ofNanos(nanoTime.getAsLong() - start));
    }

    private Plan plan(PromptLine.Wish wish) {
        return Plan.of(options.under(wish.request()));
    }

    private void begin(PromptLine line, BatchCourse course) throws InterruptedException {
        switch (line) {
            case PromptLine.Wish wish -> {
                String jobId = desk.submit(PromptEvent.of(options.under(wish.request())));
                underWay.put(jobId, new Job(wish.number(), plan(wish), nanoTime.getAsLong() + limit.toNanos()));
                course.submitted(jobId, plan(wish));
            }
            case PromptLine.Unreadable unreadable -> {
                course.dropped();
                fail(LineResult.Failed.here(unreadable.number(), "unreadable", unreadable.reason()), course);
            }
        }
    }

    private void hear(News news, BatchCourse course) throws InterruptedException {
        Job job = underWay.get(news.jobId());
        if (job == null) {
            return;
        }
        switch (news) {
            case News.Step step -> course.saw(step.jobId(), step.event());
            case News.End(Outcome.Completed completed) -> keep(job, completed, course);
            case News.End(Outcome.Refused refused) -> {
                String code = refused.event().path("error").path("code").asText();
                String reason = refused.state() + ": " + refused.reason();
                end(
                        refused.jobId(),
                        new LineResult.Failed(job.number(), code, reason, Optional.of(refused.event())),
                        course);
            }
        }
    }

    private void keep(Job job, Outcome.Completed completed, BatchCourse course) throws InterruptedException {
        try {
            List<Path> files = album.keep(job.number(), completed);
            underWay.remove(completed.jobId());
            course.drawn(completed.jobId(), job.plan());
            done++;
            images += files.size();
            course.clear();
            results.accept(new LineResult.Drawn(job.number(), completed, files));
        } catch (IOException e) {
            end(
                    completed.jobId(),
                    LineResult.Failed.here(job.number(), "not_saved", CommandLineInterface.reason(e)),
                    course);
        }
    }

    private void giveUpLate(BatchCourse course) {
        long now = nanoTime.getAsLong();
        for (Map.Entry<String, Job> entry : List.copyOf(underWay.entrySet())) {
            if (now - entry.getValue().end() >= 0) {
                String reason =
                        "job " + entry.getKey() + " has not ended after " + limit.toSeconds() + " s; it goes on";
                end(entry.getKey(), LineResult.Failed.here(entry.getValue().number(), "no_answer", reason), course);
            }
        }
    }

    /** Nothing can be submitted or heard any more. */
    private void failRest(Queue<PromptLine> waiting, String reason, BatchCourse course) {
        for (Map.Entry<String, Job> entry : List.copyOf(underWay.entrySet())) {
            String whole = reason + "; job " + entry.getKey() + " may go on";
            end(entry.getKey(), LineResult.Failed.here(entry.getValue().number(), "unreachable", whole), course);
        }
        for (PromptLine line : waiting) {
            course.dropped();
            fail(LineResult.Failed.here(line.number(), "unreachable", "not submitted: " + reason), course);
        }
    }

    private void end(String jobId, LineResult.Failed result, BatchCourse course) {
        underWay.remove(jobId);
        course.failed(jobId);
        fail(result, course);
    }

    private void fail(LineResult.Failed result, BatchCourse course) {
        failed.add(result.number());
        course.clear();
        results.accept(result);
    }
}
