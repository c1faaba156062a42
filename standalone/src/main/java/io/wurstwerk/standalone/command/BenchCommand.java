package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
    private static final List<String> PEER_STAGES = List.of("text", "stage_c", "stage_b", "stage_a", "encode", "total");
    private static final String PROMPT = "a red circle";
    private static final double GUIDANCE = 4;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration BOOKED = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);

    @Option(names = "--images", paramLabel = "N", description = "how many count")
    int images = 20;

    @Option(names = "--warmup", paramLabel = "N", description = "how many go before and do not count")
    int warmup = 10;

    @Option(
            names = "--diffusers-prior",
            paramLabel = "FOLDER",
            description = "a WuerstchenPriorPipeline with the same weights: diffusers draws each image too, in turn")
    @Nullable
    Path diffusersPrior;

    @Option(names = "--diffusers-decoder", paramLabel = "FOLDER", description = "its WuerstchenDecoderPipeline")
    @Nullable
    Path diffusersDecoder;

    @Option(
            names = "--python",
            paramLabel = "FILE",
            description = "a Python that has the exporter's packages, for diffusers (triton-models/export/README.md)")
    Path python = Path.of("python3");

    @Option(names = "--json", description = "print one JSON object")
    boolean json;

    @Mixin
    StackOptions options = new StackOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if ((diffusersPrior == null) != (diffusersDecoder == null)) {
            throw new ParameterException(
                    spec.commandLine(), "--diffusers-prior and --diffusers-decoder are given together");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (DiffusersPeer peer = peer();
                Installation installation = Installation.own(options);
                JobClient client = JobClient.connect(installation.kafka());
                MetricsPages pages = new MetricsPages()) {
            URI books = installation.orchestratorMetrics();
            draw(client, warmup, pages, books, peer);
            double before = modelSeconds(pages, installation.workerMetrics());
            List<Drawn> drawn = draw(client, images, pages, books, peer);
            double wall = drawn.stream().mapToDouble(Drawn::seconds).sum() / images;
            double models = (modelSeconds(pages, installation.workerMetrics()) - before) / images;
            if (json) {
                out.println(object(drawn, wall, models));
            } else {
                print(out, drawn, wall, models);
                if (peer != null) {
                    print(out, drawn, peer.threads());
                }
            }
        }
        return 0;
    }

    private @Nullable DiffusersPeer peer() throws IOException {
        if (diffusersPrior == null || diffusersDecoder == null) {
            return null;
        }
        // The script lies beside the model repository that ships.
        Path script = Path.of(System.getProperty("wurstwerk.repository", "triton-models/repository"))
                .resolveSibling("export")
                .resolve("speed.py");
        return DiffusersPeer.start(python, script, diffusersPrior, diffusersDecoder);
    }

    /** The same images by diffusers, each drawn right after ours. */
    private static void print(PrintWriter out, List<Drawn> drawn, int threads) {
        out.println("diffusers, " + threads + " threads of torch, the same images in turn; medians in seconds");
        for (String stage : PEER_STAGES) {
            out.println(String.format(
                    Locale.ROOT,
                    "  %-8s %.3f",
                    stage,
                    median(drawn, one -> one.peer().path(stage).asDouble())));
        }
        double total = drawn.stream()
                .mapToDouble(one -> one.peer().path("total").asDouble())
                .sum();
        double models = drawn.stream()
                .mapToDouble(one -> DiffusersPeer.modelSeconds(one.peer()))
                .sum();
        out.println(String.format(
                Locale.ROOT,
                "%.3f s an image, in the networks %.3f s, outside them %.1f %%; event to event takes %.2f of its time",
                total / drawn.size(),
                models / drawn.size(),
                100 * (1 - models / total),
                median(drawn, one -> one.seconds() / one.peer().path("total").asDouble())));
    }

    private void print(PrintWriter out, List<Drawn> drawn, double wall, double models) {
        out.println("images " + images + ", one after the other, default size and steps; medians in seconds");
        for (String stage : STAGES) {
            out.println(String.format(
                    Locale.ROOT,
                    "  %-8s %.3f",
                    stage,
                    median(drawn, one -> one.timings().path(stage).asDouble())));
        }
        out.println(
                String.format(Locale.ROOT, "finish transaction: median %.1f ms", 1e3 * median(drawn, Drawn::finish)));
        out.println(String.format(
                Locale.ROOT,
                "prediction error: median %.1f %%, worst %.1f %%",
                100 * median(drawn, Drawn::error),
                100 * drawn.stream().mapToDouble(Drawn::error).max().orElse(0)));
        out.println(String.format(
                Locale.ROOT,
                "event to event %.3f s an image, in the models %.3f s, outside them %.1f %%",
                wall,
                models,
                100 * (1 - models / wall)));
    }

    private ObjectNode object(List<Drawn> drawn, double wall, double models) {
        ObjectNode object = new ObjectMapper().createObjectNode().put("images", images);
        ObjectNode medians = object.putObject("median_seconds");
        for (String stage : STAGES) {
            medians.put(stage, median(drawn, one -> one.timings().path(stage).asDouble()));
        }
        object.put("median_finish_seconds", median(drawn, Drawn::finish));
        object.putObject("prediction_error")
                .put("median", median(drawn, Drawn::error))
                .put("worst", drawn.stream().mapToDouble(Drawn::error).max().orElse(0));
        if (drawn.stream().noneMatch(one -> one.peer().isEmpty())) {
            ObjectNode peer = object.putObject("diffusers_median_seconds");
            for (String stage : PEER_STAGES) {
                peer.put(stage, median(drawn, one -> one.peer().path(stage).asDouble()));
            }
        }
        return object.put("seconds_an_image", wall)
                .put("seconds_in_models", models)
                .put("share_outside_models", 1 - models / wall);
    }

    /**
     * One image.
     *
     * @param seconds from event to event
     * @param finish seconds from the decision on the answer to the end of its transaction
     * @param error of the predicted seconds in the models, as a share of the actual ones
     * @param peer seconds that diffusers took for the same image, by stage; empty when it was not asked
     */
    private record Drawn(JsonNode timings, double seconds, double finish, double error, JsonNode peer) {}

    /** What the orchestrator has counted so far. One image at a time, so the differences are those of one image. */
    private record Books(double finished, double finish, double predicted, double error) {
        static Books of(String page) {
            return new Books(
                    MetricsPages.sum(page, "wurstwerk_finish_seconds_count"),
                    MetricsPages.sum(page, "wurstwerk_finish_seconds_sum"),
                    MetricsPages.sum(page, "wurstwerk_cost_prediction_error_count"),
                    MetricsPages.sum(page, "wurstwerk_cost_prediction_error_sum"));
        }

        boolean haveOneMoreThan(Books before) {
            return finished > before.finished && predicted > before.predicted;
        }
    }

    private List<Drawn> draw(JobClient client, int count, MetricsPages pages, URI books, @Nullable DiffusersPeer peer)
            throws InterruptedException, IOException {
        List<Drawn> drawn = new ArrayList<>();
        Books before = Books.of(pages.read(books));
        for (int i = 0; i < count; i++) {
            ObjectNode body = new ObjectMapper()
                    .createObjectNode()
                    .put("prompt", PROMPT)
                    .put("prior_guidance_scale", GUIDANCE)
                    .put("seed", i);
            PromptEvent event = new PromptEvent(UUID.randomUUID().toString(), "/wurstwerk/bench", body);
            long start = System.nanoTime();
            Outcome outcome = client.submit(event, new Progress.None(), LIMIT);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (outcome instanceof Outcome.Refused refused) {
                throw new IllegalStateException(refused.reason());
            }
            Books after = next(before, pages, books);
            drawn.add(new Drawn(
                    outcome.event().path("timings"),
                    seconds,
                    after.finish() - before.finish(),
                    after.error() - before.error(),
                    peer == null
                            ? MissingNode.getInstance()
                            : peer.draw(
                                    PROMPT,
                                    i,
                                    outcome.event().path("width").asInt(),
                                    outcome.event().path("height").asInt(),
                                    GUIDANCE)));
            before = after;
        }
        return drawn;
    }

    /** The answer is out a moment before the engine hears that it is. */
    private static Books next(Books before, MetricsPages pages, URI books) throws InterruptedException, IOException {
        long limit = System.nanoTime() + BOOKED.toNanos();
        Books after = Books.of(pages.read(books));
        while (!after.haveOneMoreThan(before)) {
            if (System.nanoTime() > limit) {
                throw new IllegalStateException("the orchestrator's metrics at " + books + " do not count the image");
            }
            Thread.sleep(BETWEEN_LOOKS);
            after = Books.of(pages.read(books));
        }
        return after;
    }

    private static double median(List<Drawn> drawn, ToDoubleFunction<Drawn> number) {
        double[] sorted = drawn.stream().mapToDouble(number).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static double modelSeconds(MetricsPages pages, URI metrics) throws IOException, InterruptedException {
        return MetricsPages.sum(pages.read(metrics), "nv_inference_compute_infer_duration_us") / 1e6;
    }
}
