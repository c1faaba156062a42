package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far the images of the jobs are that moved last. In memory alone, and bounded: who is forgotten is told of again
 * with the next step. Guarded by the view's lock.
 */
final class LatestProgress {

    private static final int MOST_IMAGES = 8;

    private final Map<JobId, Map<Integer, Told>> jobs;

    /**
     * What was told last of an image.
     *
     * @param offset of the record that told the step
     * @param previewed offset of the record that told the preview, -1 for none
     */
    record Told(
            int index,
            long offset,
            ObjectNode step,
            @Nullable ObjectNode preview,
            long previewed) {}

    /** @param most jobs that are remembered */
    LatestProgress(int most) {
        this.jobs = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<JobId, Map<Integer, Told>> eldest) {
                return size() > most;
            }
        };
    }

    /** @return what is told of the image now */
    Told take(JobId job, int index, ObjectNode step, @Nullable ObjectNode preview, long offset) {
        if (index < 0 || index >= MOST_IMAGES) {
            throw new IllegalArgumentException("no job has an image " + index);
        }
        Map<Integer, Told> images = jobs.computeIfAbsent(job, _ -> new TreeMap<>());
        Told before = images.get(index);
        Told now = new Told(
                index,
                offset,
                step,
                preview != null || before == null ? preview : before.preview(),
                preview != null || before == null ? offset : before.previewed());
        images.put(index, now);
        return now;
    }

    /** By image. */
    List<Told> of(JobId job) {
        Map<Integer, Told> images = jobs.get(job);
        return images == null ? List.of() : List.copyOf(images.values());
    }

    List<Told> inOrder(JobId job) {
        return of(job).stream().sorted(Comparator.comparingLong(Told::offset)).toList();
    }

    long offset(JobId job) {
        return of(job).stream().mapToLong(Told::offset).max().orElse(-1);
    }

    void forget(JobId job) {
        jobs.remove(job);
    }
}
