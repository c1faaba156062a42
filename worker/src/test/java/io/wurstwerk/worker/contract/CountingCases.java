package io.wurstwerk.worker.contract;

import static io.wurstwerk.worker.TritonClient.affine;
import static io.wurstwerk.worker.TritonClient.floats;
import static io.wurstwerk.worker.TritonClient.tensor;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Metadata;
import io.grpc.Status;
import io.wurstwerk.triton.protocol.InferBatchStatistics;
import io.wurstwerk.triton.protocol.InferStatistics;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.triton.protocol.StatisticDuration;
import io.wurstwerk.worker.TritonClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** What is counted, what is put into one execution, and what becomes of requests whose caller leaves. */
final class CountingCases {
    /** Long enough for everything else a case does to arrive meanwhile. */
    private static final Duration LONG = Duration.ofSeconds(1);

    private static final Duration DEADLINE = Duration.ofMillis(300);
    private static final long TRIAL_ROUNDS = 50_000;

    private CountingCases() {}

    static List<ContractCase> all() {
        return List.of(
                new ContractCase("counts of two inferences", CountingCases::twoInferences),
                new ContractCase(
                        "counts of a refusal",
                        server -> counting(server, "affine", 0, () -> server.infer(affine("", 5, 1, 0).toBuilder()))),
                new ContractCase("counts of a failure", CountingCases::failure),
                new ContractCase("statistics of every model", CountingCases::models),
                new ContractCase("metrics of a model", CountingCases::metrics),
                new ContractCase(
                        "equal shapes wait and run together",
                        server -> behindALongRun(server, slow("a", 1, 3, 1), slow("b", 2, 3, 1), slow("c", 1, 3, 1))),
                new ContractCase(
                        "another shape is not passed by",
                        server ->
                                behindALongRun(server, slow("a", 1, 3, 1), slow("wide", 1, 4, 1), slow("b", 1, 3, 1))),
                new ContractCase(
                        "a request is never split",
                        server -> behindALongRun(server, slow("a", 3, 3, 1), slow("b", 2, 3, 1), slow("c", 2, 3, 1))),
                new ContractCase("a caller leaves during the run", CountingCases::callerLeaves),
                new ContractCase("a deadline passes during the run", CountingCases::deadlinePasses));
    }

    private static ModelInferRequest slow(String id, int batch, int width, long rounds) {
        long[] n = new long[batch];
        Arrays.fill(n, rounds);
        return ModelInferRequest.newBuilder()
                .setModelName("slow")
                .setId(id)
                .addInputs(tensor("x", "FP32", batch, width))
                .addInputs(tensor("n", "INT64", batch, 1))
                .addRawInputContents(floats(new float[batch * width]))
                .addRawInputContents(TritonClient.longs(n))
                .build();
    }

    /** How many rounds take about as long on this machine, from a trial. */
    private static long lasting(Conversation server, Duration time) throws Exception {
        long started = System.nanoTime();
        counting(server, "slow", 1, () -> server.infer(slow("trial", 1, 1, TRIAL_ROUNDS).toBuilder()));
        return TRIAL_ROUNDS * time.toNanos() / (System.nanoTime() - started);
    }

    private interface Action {
        String run() throws Exception;
    }

    /** What an action saw, and by how much it and its {@code requests} moved the model's counters. */
    private static String counting(Conversation server, String model, int requests, Action action) throws Exception {
        ModelStatistics before = server.statistics(model);
        String seen = action.run();
        Map<String, Long> start = counts(before);
        return seen + "\n"
                + counts(settled(server, model, ended(before) + requests)).entrySet().stream()
                        .map(entry ->
                                Map.entry(entry.getKey(), entry.getValue() - start.getOrDefault(entry.getKey(), 0L)))
                        .filter(entry -> entry.getValue() != 0)
                        .map(entry -> entry.getKey() + " +" + entry.getValue())
                        .collect(Collectors.joining("\n"));
    }

    /** Triton counts after it has answered: requests first, then their execution. */
    private static ModelStatistics settled(Conversation server, String model, long requests) throws TimeoutException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            ModelStatistics statistics = server.statistics(model);
            long inBatches = statistics.getBatchStatsList().stream()
                    .mapToLong(batch ->
                            batch.getBatchSize() * batch.getComputeInfer().getCount())
                    .sum();
            if (ended(statistics) >= requests && inBatches == statistics.getInferenceCount()) {
                return statistics;
            }
            if (System.nanoTime() > limit) {
                throw new TimeoutException("the counts of " + model + " do not settle: " + statistics);
            }
        }
    }

    private static long ended(ModelStatistics statistics) {
        return statistics.getInferenceStats().getSuccess().getCount()
                + statistics.getInferenceStats().getFail().getCount();
    }

    private static Map<String, Long> counts(ModelStatistics statistics) {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("inferences", statistics.getInferenceCount());
        counts.put("executions", statistics.getExecutionCount());
        InferStatistics all = statistics.getInferenceStats();
        all.getAllFields()
                .keySet()
                .forEach(field -> counts.put(field.getName(), ((StatisticDuration) all.getField(field)).getCount()));
        for (InferBatchStatistics batch : statistics.getBatchStatsList()) {
            String size = "batches of " + batch.getBatchSize();
            counts.put(size + ", input", batch.getComputeInput().getCount());
            counts.put(size + ", infer", batch.getComputeInfer().getCount());
            counts.put(size + ", output", batch.getComputeOutput().getCount());
        }
        return counts;
    }

    private static String twoInferences(Conversation server) throws Exception {
        return counting(server, "affine", 2, () -> {
            server.infer(affine("", 1, 1, 0).toBuilder());
            return server.infer(affine("", 3, 1, 0).toBuilder());
        });
    }

    private static String failure(Conversation server) throws Exception {
        return counting(server, "failing", 1, () -> server.infer(RefusalCases.failing()));
    }

    private static String models(Conversation server) {
        return server
                .client()
                .calls()
                .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                .getModelStatsList()
                .stream()
                .sorted(Comparator.comparing(ModelStatistics::getName))
                .map(model -> model.getName() + " version " + model.getVersion())
                .collect(Collectors.joining("\n"));
    }

    /** Names, types and labels, and by how much one inference moves the numbers. */
    private static String metrics(Conversation server) throws Exception {
        List<String> lines = new ArrayList<>(server.metrics("# TYPE nv_inference_"));
        lines.addAll(server.metrics("# HELP nv_inference_"));
        Map<String, Long> before = numbers(server, "widened");
        counting(
                server,
                "widened",
                1,
                () -> server.infer(ModelInferRequest.newBuilder()
                        .setModelName("widened")
                        .addInputs(tensor("x", "FP32", 3, 1))
                        .addRawInputContents(floats(1, 2, 3))));
        numbers(server, "widened").forEach((series, number) -> {
            boolean time = series.contains("duration_us");
            lines.add(series + " " + (time ? "any" : "+" + (number - before.getOrDefault(series, 0L))));
        });
        return String.join("\n", lines);
    }

    private static Map<String, Long> numbers(Conversation server, String model) throws Exception {
        Map<String, Long> numbers = new TreeMap<>();
        for (String line : server.metrics("nv_inference_")) {
            if (line.contains("model=\"" + model + "\"")) {
                int space = line.lastIndexOf(' ');
                numbers.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            }
        }
        return numbers;
    }

    /** A stream keeps the order, so the long run is surely the first; its other shape keeps it alone. */
    private static String behindALongRun(Conversation server, ModelInferRequest... requests) throws Exception {
        List<ModelInferRequest> all = new ArrayList<>(List.of(slow("long", 1, 1, lasting(server, LONG))));
        all.addAll(List.of(requests));
        return counting(server, "slow", all.size(), () -> server.stream(new Metadata(), all));
    }

    private static String callerLeaves(Conversation server) throws Exception {
        long rounds = lasting(server, LONG);
        return counting(server, "slow", 3, () -> {
            ListenableFuture<ModelInferResponse> left =
                    server.client().futures().modelInfer(slow("left", 1, 2, rounds));
            awaitRunning(server);
            left.cancel(true);
            return status(left) + "\n" + server.infer(slow("next", 1, 3, 1).toBuilder());
        });
    }

    private static String deadlinePasses(Conversation server) throws Exception {
        long rounds = lasting(server, LONG);
        return counting(server, "slow", 2, () -> {
            ListenableFuture<ModelInferResponse> late = server.client()
                    .futures()
                    .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                    .modelInfer(slow("late", 1, 2, rounds));
            return status(late) + "\n" + server.infer(slow("next", 1, 3, 1).toBuilder());
        });
    }

    /** A request of another shape waits: so the first one runs. */
    private static void awaitRunning(Conversation server) throws Exception {
        ListenableFuture<ModelInferResponse> second = server.client().futures().modelInfer(slow("second", 1, 1, 1));
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (server.metrics("nv_inference_pending_request_count{model=\"slow\",version=\"1\"} 1")
                        .isEmpty()
                && !second.isDone()) {
            if (System.nanoTime() > limit) {
                throw new TimeoutException("nothing waits");
            }
        }
    }

    /** Only the code: the words are the client's own. */
    private static String status(ListenableFuture<ModelInferResponse> answer) throws InterruptedException {
        try {
            answer.get();
            return "OK";
        } catch (CancellationException e) {
            return "cancelled";
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode().toString();
        }
    }
}
