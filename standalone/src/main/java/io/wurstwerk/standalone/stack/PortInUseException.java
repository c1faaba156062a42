package io.wurstwerk.standalone.stack;

/** A port that the stack was told to listen on belongs to another program. The message is one line for the user. */
public final class PortInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PortInUseException(int port, String use, String option) {
        super("port " + port + " (" + use + ") is in use: stop the program that has it or choose another with "
                + option);
    }
}
