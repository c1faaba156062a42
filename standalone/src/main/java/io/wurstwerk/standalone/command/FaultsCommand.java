package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.standalone.faults.FaultRun;
import io.wurstwerk.standalone.faults.FaultRun.Count;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
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
    @Option(names = "--kills", paramLabel = "N", description = "how often something is killed or stopped")
    int kills = 20;

    @Option(names = "--jobs", paramLabel = "N", description = "how many jobs are submitted")
    int jobs = 60;

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
        try (FaultRun run = new FaultRun(
                data,
                options.repositoryOrShipped().toAbsolutePath(),
                new Random(seed),
                line -> spec.commandLine().getErr().println(line))) {
            Count count = run.run(jobs, kills);
            spec.commandLine().getOut().println(json ? object(count) : count.line());
            return count.clean() ? 0 : CommandLineInterface.FAILED;
        }
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
