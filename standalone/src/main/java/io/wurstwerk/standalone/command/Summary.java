package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What became of a file of prompts.
 *
 * @param done jobs whose images are in their files
 * @param failed numbers of the other lines, in order
 * @param images files written
 */
record Summary(int done, List<Integer> failed, int images, Duration took) {
    private static final ObjectMapper JSON = new ObjectMapper();

    double imagesPerMinute() {
        return took.isPositive() ? 60e9 * images / took.toNanos() : 0;
    }

    String line() {
        int jobs = done + failed.size();
        return String.format(
                Locale.ROOT,
                "%d %s: %d done, %d failed; %d %s in %.1f s, %.1f a minute%s",
                jobs,
                jobs == 1 ? "job" : "jobs",
                done,
                failed.size(),
                images,
                images == 1 ? "image" : "images",
                took.toMillis() / 1e3,
                imagesPerMinute(),
                failed.isEmpty() ? "" : "; failed: " + lines());
    }

    ObjectNode json() {
        ObjectNode object = JSON.createObjectNode();
        ObjectNode summary = object.putObject("summary")
                .put("jobs", done + failed.size())
                .put("done", done)
                .put("failed", failed.size())
                .put("images", images)
                .put("seconds", took.toMillis() / 1e3)
                .put("images_per_minute", Math.round(10 * imagesPerMinute()) / 10.0);
        failed.forEach(summary.putArray("failed_lines")::add);
        return object;
    }

    /** Neighbours become a range: "line 3", "lines 3, 7-40". */
    private String lines() {
        StringBuilder ranges = new StringBuilder(failed.size() == 1 ? "line " : "lines ");
        for (int i = 0; i < failed.size(); ) {
            int last = i;
            while (last + 1 < failed.size() && failed.get(last + 1) == failed.get(last) + 1) {
                last++;
            }
            ranges.append(i == 0 ? "" : ", ").append(failed.get(i));
            if (last > i) {
                ranges.append('-').append(failed.get(last));
            }
            i = last + 1;
        }
        return ranges.toString();
    }
}
