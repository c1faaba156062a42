package io.wurstwerk.standalone.command;

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

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() {
        Summary summary = Simulation.run(from, seeds, mutation);
        spec.commandLine()
                .getOut()
                .println(String.format(
                        Locale.ROOT,
                        "seeds %d jobs %d kills %d lane-crashes %d resumed %d repeated-steps %.1f %% failed %d",
                        summary.seeds(),
                        summary.jobs(),
                        summary.kills(),
                        summary.laneCrashes(),
                        summary.resumes(),
                        summary.repeated(),
                        summary.failure().isPresent() ? 1 : 0));
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
}
