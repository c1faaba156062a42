package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks what a request would cost. */
@Command(
        name = "quote",
        description = "Says how long a running Wurstwerk would take for an image, without drawing it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class QuoteCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROMPT", description = "what would be drawn")
    String prompt = "";

    @Mixin
    RequestOptions request = new RequestOptions();

    @Mixin
    ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws InterruptedException {
        return options.run((api, report) -> {
            JsonNode quote = api.quote(request.request(prompt));
            if (report.json()) {
                report.object(quote);
            } else {
                report.print(JobWords.quote(quote, Instant.now()));
            }
            return 0;
        });
    }
}
