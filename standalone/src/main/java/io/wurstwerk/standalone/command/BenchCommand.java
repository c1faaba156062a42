package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how long an image takes on its whole way, and how much of that the models take. */
@Command(
        name = "bench",
        description = "Draws images one after the other and prints medians of where the time goes.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class BenchCommand implements Callable<Integer> {
    private static final List<String> STAGES =
            List.of("queued", "text", "stage_c", "stage_b", "stage_a", "encode", "upload", "total");
    private static final Pattern COMPUTE = Pattern.compile("nv_inference_compute_infer_duration_us\\{[^}]*} ([0-9.]+)");
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Option(names = "--images", paramLabel = "N", description = "how many count")
    int images = 20;

    @Option(names = "--warmup", paramLabel = "N", description = "how many go before and do not count")
    int warmup = 10;

    @Mixin
    StackOptions options = new StackOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Installation installation = Installation.own(options);
                JobClient client = JobClient.connect(installation.kafka())) {
            draw(client, warmup);
            double before = modelSeconds(installation.workerMetrics());
            long start = System.nanoTime();
            List<JsonNode> timings = draw(client, images);
            double wall = (System.nanoTime() - start) / 1e9 / images;
            double models = (modelSeconds(installation.workerMetrics()) - before) / images;
            out.println("images " + images + ", one after the other, default size and steps; medians in seconds");
            for (String stage : STAGES) {
                out.println(String.format(Locale.ROOT, "  %-8s %.3f", stage, median(timings, stage)));
            }
            out.println(String.format(
                    Locale.ROOT,
                    "event to event %.3f s an image, in the models %.3f s, outside them %.1f %%",
                    wall,
                    models,
                    100 * (1 - models / wall)));
        }
        return 0;
    }

    private List<JsonNode> draw(JobClient client, int count) throws InterruptedException, IOException {
        List<JsonNode> timings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode body = new ObjectMapper()
                    .createObjectNode()
                    .put("prompt", "a red circle")
                    .put("seed", i);
            PromptEvent event = new PromptEvent(UUID.randomUUID().toString(), "/wurstwerk/bench", body);
            Outcome outcome = client.submit(event, new Progress.None(), LIMIT);
            if (outcome instanceof Outcome.Refused refused) {
                throw new IllegalStateException(refused.reason());
            }
            timings.add(outcome.event().path("timings"));
        }
        return timings;
    }

    private static double median(List<JsonNode> timings, String stage) {
        List<Double> sorted = timings.stream()
                .map(timing -> timing.path(stage).asDouble())
                .sorted()
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    private static double modelSeconds(URI metrics) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(metrics)
                    .timeout(Duration.ofSeconds(5))
                    .build();
            Matcher found = COMPUTE.matcher(
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body());
            double micros = 0;
            while (found.find()) {
                micros += Double.parseDouble(found.group(1));
            }
            return micros / 1e6;
        }
    }
}
