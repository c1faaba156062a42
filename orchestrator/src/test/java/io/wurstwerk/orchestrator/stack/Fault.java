package io.wurstwerk.orchestrator.stack;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** What a {@link FaultProxy} does to what passes through it; units are those of its {@link Framing}. */
public sealed interface Fault {

    record None() implements Fault {}

    /** Every unit comes later, in both directions. */
    record Latency(Duration each) implements Fault {}

    /** Connections are taken, and reset with the first unit that a client sends. */
    record Reset() implements Fault {}

    /** Nobody listens, and what was connected is reset. */
    record Refuse() implements Fault {}

    /** Everything is swallowed; a connection that met this stays silent for ever, as behind a firewall that forgot it. */
    record BlackHole() implements Fault {}

    /**
     * The request arrives and its answer is lost: the connection is reset in its place.
     *
     * @param times requests that this happens to; the others pass
     * @param request asked for every unit from a client, in order
     */
    record CutAnswer(int times, Predicate<byte[]> request, Answering answer) implements Fault {}

    /** The request is lost, and its connection silent for ever. */
    record LoseRequest(int times, Predicate<byte[]> request) implements Fault {}

    /**
     * The request never arrives; the proxy answers in the server's place.
     *
     * @param last whether the answer is the connection's last word
     */
    record Reply(Predicate<byte[]> request, UnaryOperator<byte[]> answer, boolean last) implements Fault {}

    /** Finds the answer to a request among what the server sends. */
    interface Answering {
        boolean isAnswer(byte[] request, byte[] unit);
    }
}
