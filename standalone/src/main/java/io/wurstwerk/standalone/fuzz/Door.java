package io.wurstwerk.standalone.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** What strangers may send to. */
interface Door extends AutoCloseable {

    /**
     * An input that was found once, so that it is asked for in every run.
     *
     * @param name what is wrong with it
     */
    record Known(String name, Sending sending) {}

    /** Sends one certain input. */
    interface Sending {
        void send() throws Finding, Exception;
    }

    List<Known> known();

    /**
     * Sends one input, and looks at what comes back as far as it comes at once.
     *
     * @param number of the case, unique in a run
     * @param random all chance that the input is made of
     * @throws Finding when the door does what it must not do
     */
    void send(long number, SplittableRandom random) throws Finding, Exception;

    /**
     * Waits for what is still owed to the inputs so far, and checks it.
     *
     * @throws Finding when something is owed for too long, or is not what it should be
     */
    void settle() throws Finding, Exception;

    @Override
    void close();
}
