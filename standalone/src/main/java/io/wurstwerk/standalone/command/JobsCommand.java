package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows jobs. */
@Command(
        name = "jobs",
        description = "Lists the recent jobs of a running Wurstwerk, newest first, or shows one.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class JobsCommand implements Callable<Integer> {
    private static final int LONGEST_PAGE = 100;
    private static final int MOST_JOBS = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(paramLabel = "JOB", arity = "0..1", description = "the id of the one to show (default: all)")
    @Nullable
    String job;

    @Option(names = "--limit", paramLabel = "N", description = "how many are listed at most (default: 20)")
    int limit = 20;

    @Mixin
    ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1 || limit > MOST_JOBS) {
            throw options.usage("--limit must be from 1 to " + MOST_JOBS);
        }
        if (job != null) {
            String id = options.jobId(job);
            return options.run((api, report) -> show(api.job(id), report));
        }
        return options.run(this::list);
    }

    private static int show(JsonNode found, Report report) {
        if (report.json()) {
            report.object(found);
        } else {
            JobWords.facts(found, Instant.now()).forEach(report::print);
        }
        return 0;
    }

    private int list(ApiClient api, Report report) throws IOException, InterruptedException {
        List<JsonNode> jobs = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        do {
            JsonNode page = api.jobs(Math.min(LONGEST_PAGE, limit - jobs.size()), cursor);
            page.path("jobs").forEach(jobs::add);
            cursor = page.path("next").isTextual()
                    ? Optional.of(page.path("next").asText())
                    : Optional.empty();
        } while (cursor.isPresent() && jobs.size() < limit);
        if (report.json()) {
            ObjectNode object = JSON.createObjectNode();
            object.putArray("jobs").addAll(jobs);
            object.put("more", cursor.isPresent());
            report.object(object);
            return 0;
        }
        JobWords.table(jobs, Instant.now()).forEach(report::print);
        if (cursor.isPresent()) {
            report.note("there are more: --limit N shows up to " + MOST_JOBS);
        }
        return 0;
    }
}
