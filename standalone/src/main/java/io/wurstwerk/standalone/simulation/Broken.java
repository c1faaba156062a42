package io.wurstwerk.standalone.simulation;

/** An invariant does not hold. The message names it. */
final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String invariant, String what) {
        super(invariant + ": " + what);
    }
}
