package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.standalone.faults.Cast;
import io.wurstwerk.standalone.faults.FaultRun;
import io.wurstwerk.standalone.faults.FaultRun.Count;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Kills real processes while jobs run, and counts. */
@Command(
        name = "faults",
        description = "Runs broker, store, worker and two orchestrators as processes, kills and stops them at random"
                + " while jobs run, and counts what became of the jobs.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class FaultsCommand implements Callable<Integer> {
    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "how often something is killed or stopped; default: 20, with --real-parts 2",
            showDefaultValue = CommandLine.Help.Visibility.NEVER)
    @Nullable
    Integer kills;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "how many jobs are submitted; default: 60, with --real-parts 50",
            showDefaultValue = CommandLine.Help.Visibility.NEVER)
    @Nullable
    Integer jobs;

    @Option(
            names = "--real-parts",
            description =
                    "three Kafka brokers, MinIO and tritonserver in place of this repository's own parts: a broker,"
                            + " an orchestrator and MinIO are killed in turn (the launcher says where the last two are)")
    boolean realParts;

    @Option(names = "--seed", paramLabel = "N", description = "of the choice of victims and moments")
    long seed = 1;

    @Mixin
    StackOptions options = new StackOptions();

    @Option(names = "--json", description = "print one JSON object")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Path data = Files.createTempDirectory("wurstwerk-faults-");
        spec.commandLine().getErr().println("seed " + seed + ", logs in " + data.resolve("logs"));
        Path repository = options.repositoryOrShipped().toAbsolutePath();
        try (Cast cast = cast(data, repository)) {
            FaultRun run = new FaultRun(
                    cast,
                    data,
                    repository,
                    new Random(seed),
                    line -> spec.commandLine().getErr().println(line));
            Count count = run.run(
                    Objects.requireNonNullElse(jobs, realParts ? 50 : 60),
                    Objects.requireNonNullElse(kills, realParts ? 2 : 20));
            spec.commandLine().getOut().println(json ? object(count) : count.line());
            return count.clean() ? 0 : CommandLineInterface.FAILED;
        }
    }

    private Cast cast(Path data, Path repository) throws IOException {
        if (!realParts) {
            return Cast.own(data, repository);
        }
        return Cast.genuine(data, repository, named("wurstwerk.minio"), named("wurstwerk.run-triton"));
    }

    /** Where a genuine part is. */
    private static Path named(String property) {
        String path = System.getProperty(property);
        if (path == null) {
            throw new IllegalStateException("--real-parts needs ./wurstwerk, which sets -D" + property);
        }
        return Path.of(path);
    }

    private static ObjectNode object(Count count) {
        return new ObjectMapper()
                .createObjectNode()
                .put("jobs", count.jobs())
                .put("lost", count.lost())
                .put("duplicated", count.duplicated())
                .put("different", count.different())
                .put("resumed", count.resumed())
                .put("repeated_steps_percent", count.repeated())
                .put("refused_transactions", count.refused());
    }
}
