package io.wurstwerk.pipeline;

/** Hears of every step, on the thread that draws. What it throws ends the generation and reaches its caller. */
@FunctionalInterface
public interface ProgressListener {
    /** Listens to nothing. */
    ProgressListener NONE = progress -> {};

    void stepped(Progress progress);
}
