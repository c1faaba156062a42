package io.wurstwerk.standalone.command;

import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One part of a stack, for runs in which the parts are processes that can be killed one by one. */
@Command(name = "part", hidden = true, description = "Runs one part of a stack until it is killed.")
final class PartCommand implements Callable<Integer> {
    /** Printed once the part can be used. */
    static final String READY = "ready";

    @Parameters(index = "0", paramLabel = "PART")
    SinglePart part = SinglePart.BROKER;

    @Option(names = "--data", required = true)
    Path data = Path.of(".");

    @Option(names = "--repository", required = true)
    Path repository = Path.of(".");

    @Option(names = "--ports", split = ",", required = true, description = "the seven ports of a stack")
    List<Integer> ports = List.of();

    @Option(names = "--instance")
    String instance = "one";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "a setting of an orchestrator")
    Map<String, String> settings = Map.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        System.setProperty(
                "quarkus.log.file.path",
                data.resolve("logs").resolve(part + "-" + instance + ".log").toString());
        CountDownLatch interrupted = new CountDownLatch(1);
        try (AutoCloseable running = part.start(
                data,
                repository,
                new Ports(
                        ports.get(0),
                        ports.get(1),
                        ports.get(2),
                        ports.get(3),
                        ports.get(4),
                        ports.get(5),
                        ports.get(6)),
                instance,
                settings)) {
            Runtime.getRuntime().addShutdownHook(new Thread(interrupted::countDown, "stop"));
            spec.commandLine().getOut().println(READY + " " + running.getClass().getSimpleName());
            spec.commandLine().getOut().flush();
            interrupted.await();
        }
        return 0;
    }
}
