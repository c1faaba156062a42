package io.wurstwerk.standalone.fuzz;

/** Something that a door must not do. The message says what, and what was sent. */
final class Finding extends Exception {
    private static final long serialVersionUID = 1;

    Finding(String message) {
        super(message);
    }
}
