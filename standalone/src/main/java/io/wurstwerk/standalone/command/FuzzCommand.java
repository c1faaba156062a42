package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.wurstwerk.standalone.fuzz.FuzzRun;
import io.wurstwerk.standalone.fuzz.FuzzRun.Outcome;
import io.wurstwerk.standalone.fuzz.FuzzRun.Target;
import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.Stack;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends junk to a stack of its own. */
@Command(
        name = "fuzz",
        description = "Sends junk to the doors of a stack of its own, and checks that each input gets what it is owed,"
                + " that a job beside it is drawn as ever, and that nothing is held afterwards.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class FuzzCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DOOR", arity = "0..*", description = "which (default: all): ${COMPLETION-CANDIDATES}")
    List<Target> doors = List.of();

    @Option(names = "--minutes", paramLabel = "N", description = "for each door")
    double minutes = 1;

    @Option(names = "--seed", paramLabel = "N", description = "of all chance (default: drawn and printed)")
    @Nullable
    Long seed;

    @Mixin
    StackOptions options = new StackOptions();

    @Option(names = "--json", description = "print one JSON object")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        long chance = seed != null ? seed : new SecureRandom().nextInt(1_000_000);
        Path data = Files.createTempDirectory("wurstwerk-fuzz-");
        LogFile log = LogFile.in(data, "fuzz.log");
        PrintWriter err = spec.commandLine().getErr();
        err.println("seed " + chance + ", log " + log.path());
        List<Outcome> outcomes = new ArrayList<>();
        try (Stack stack = log.explaining(() -> Stack.start(data, options.repositoryOrShipped(), Ports.free()))) {
            FuzzRun run = new FuzzRun(stack.addresses(), log.path(), chance, err::println);
            for (Target door : doors.isEmpty() ? List.of(Target.values()) : doors) {
                Outcome outcome = run.run(door, Duration.ofMillis((long) (minutes * 60_000)));
                outcomes.add(outcome);
                if (!outcome.clean()) {
                    err.println(outcome.finding());
                    err.println("repeat: ./wurstwerk fuzz " + door + " --seed " + chance);
                }
            }
        }
        print(outcomes, chance);
        return outcomes.stream().allMatch(Outcome::clean) ? 0 : CommandLineInterface.FAILED;
    }

    private void print(List<Outcome> outcomes, long chance) {
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            outcomes.forEach(outcome -> out.println(outcome.line()));
            return;
        }
        var object = new ObjectMapper().createObjectNode().put("seed", chance);
        ArrayNode all = object.putArray("doors");
        outcomes.forEach(outcome -> all.addObject()
                .put("door", outcome.target().toString())
                .put("cases", outcome.cases())
                .put("seconds", outcome.took().toMillis() / 1000.0)
                .put("finding", outcome.finding()));
        out.println(object);
    }
}
