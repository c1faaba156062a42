package io.wurstwerk.standalone.command;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands and what their failures look like: one line on standard error, and an exit status. */
@Command(
        name = "wurstwerk",
        description = "Turns prompts into images: Kafka, Triton and S3 in one process.",
        mixinStandardHelpOptions = true,
        version = "wurstwerk 0.1.0",
        subcommands = {
            GenerateCommand.class,
            UpCommand.class,
            JobsCommand.class,
            CancelCommand.class,
            QuoteCommand.class,
            BenchCommand.class,
            SimulateCommand.class,
            FaultsCommand.class,
            FuzzCommand.class,
            PartCommand.class
        })
public final class CommandLineInterface {
    /** The job failed or was rejected, or the stack did not start. */
    static final int FAILED = 1;
    /** The command line was wrong; nothing was started. */
    static final int USAGE = 2;

    private CommandLineInterface() {}

    /** Runs one command and gives its exit status: 0 done, 1 failed, 2 bad usage. */
    public static int run(String... arguments) {
        CommandLine line = commandLine();
        if (arguments.length == 0) {
            line.usage(line.getErr());
            return USAGE;
        }
        return line.execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new CommandLineInterface());
        line.setParameterExceptionHandler((failure, ignored) -> {
            PrintWriter err = failure.getCommandLine().getErr();
            err.println("wurstwerk: " + failure.getMessage());
            err.println("See: ./" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, ignored) -> {
            Report report = new Report(
                    command.getOut(), command.getErr(), command.getParseResult().hasMatchedOption("--json"));
            report.failed(reason(failure));
            return FAILED;
        });
        return line;
    }

    /** The messages of a failure and of what caused it, as one line. */
    static String reason(Throwable failure) {
        StringBuilder line = new StringBuilder();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
            if (line.indexOf(message) < 0) {
                line.append(line.isEmpty() ? "" : ": ").append(message);
            }
        }
        return line.toString().replace('\n', ' ');
    }
}
