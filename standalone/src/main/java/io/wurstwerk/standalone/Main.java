package io.wurstwerk.standalone;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.wurstwerk.standalone.command.CommandLineInterface;

/** The process behind {@code ./wurstwerk}. Quarkus itself starts only when a command needs a stack of its own. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CommandLineInterface.run(arguments));
    }
}
