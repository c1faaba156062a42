package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks jobs to stop. */
@Command(
        name = "cancel",
        description = "Asks jobs of a running Wurstwerk to stop; one that has ended stays as it is.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CancelCommand implements Callable<Integer> {
    private static final Set<String> ENDED = Set.of("completed", "failed", "rejected", "cancelled", "expired");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(paramLabel = "JOB", arity = "1..*", description = "the ids of the jobs")
    List<String> jobs = List.of();

    @Mixin
    ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws InterruptedException {
        jobs.forEach(options::jobId);
        return options.run(this::cancel);
    }

    /** Goes on after a job that is not there; a Wurstwerk that does not answer ends it. */
    private int cancel(ApiClient api, Report report) throws IOException, InterruptedException {
        ArrayNode answers = JSON.createArrayNode();
        int status = 0;
        for (String job : jobs) {
            try {
                JsonNode now = api.cancel(job);
                answers.add(now);
                if (!report.json()) {
                    String state = now.path("state").asText();
                    report.print(job + (ENDED.contains(state) ? " had ended: " + state : " is asked to stop"));
                }
            } catch (ApiException e) {
                if (!e.code().equals("not_found")) {
                    throw e;
                }
                status = CommandLineInterface.FAILED;
                answers.add(e.json().put("job_id", job));
                report.note("wurstwerk: " + job + ": " + e.reason());
            }
        }
        if (report.json()) {
            report.object(JSON.createObjectNode().set("jobs", answers));
        }
        return status;
    }
}
