package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.standalone.simulation.Mutation;
import io.wurstwerk.standalone.simulation.Simulation;
import io.wurstwerk.standalone.simulation.Simulation.Summary;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the engine through simulated faults. */
@Command(
        name = "simulate",
        description = "Runs the engine's own code through simulated faults, one world a seed.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class SimulateCommand implements Callable<Integer> {
    @Option(names = "--seeds", paramLabel = "N", description = "how many")
    int seeds = 1_000;

    @Option(names = "--from", paramLabel = "SEED", description = "the first one")
    long from = 1;

    @Option(names = "--mutation", paramLabel = "NAME", description = "break the protocol: ${COMPLETION-CANDIDATES}")
    Mutation mutation = Mutation.NONE;

    @Option(names = "--json", description = "print one JSON object")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() {
        Summary summary = Simulation.run(from, seeds, mutation);
        spec.commandLine().getOut().println(json ? object(summary) : line(summary));
        if (summary.failure().isEmpty()) {
            return 0;
        }
        spec.commandLine()
                .getErr()
                .println("seed " + summary.failedSeed() + ": "
                        + summary.failure().get());
        spec.commandLine()
                .getErr()
                .println("repeat: ./wurstwerk simulate --seeds 1 --from " + summary.failedSeed()
                        + (mutation == Mutation.NONE ? "" : " --mutation " + mutation));
        return CommandLineInterface.FAILED;
    }

    private static String line(Summary summary) {
        return String.format(
                Locale.ROOT,
                "seeds %d jobs %d kills %d lane-crashes %d resumed %d repeated-steps %.1f %% failed %d",
                summary.seeds(),
                summary.jobs(),
                summary.kills(),
                summary.laneCrashes(),
                summary.resumes(),
                summary.repeated(),
                summary.failure().isPresent() ? 1 : 0);
    }

    private static ObjectNode object(Summary summary) {
        ObjectNode object = new ObjectMapper()
                .createObjectNode()
                .put("seeds", summary.seeds())
                .put("jobs", summary.jobs())
                .put("kills", summary.kills())
                .put("lane_crashes", summary.laneCrashes())
                .put("resumed", summary.resumes())
                .put("repeated_steps_percent", summary.repeated())
                .put("failed", summary.failure().isPresent() ? 1 : 0);
        summary.failure()
                .ifPresent(reason -> object.putObject("failure")
                        .put("seed", summary.failedSeed())
                        .put("reason", reason));
        return object;
    }
}
