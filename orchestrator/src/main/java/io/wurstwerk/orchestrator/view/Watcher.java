package io.wurstwerk.orchestrator.view;

/** Somebody who wants to know what becomes of one job. Told on the view's thread, under its lock: must not block. */
public interface Watcher {

    /** The job's picture is another now. */
    default void changed(ViewedJob job) {}

    /** Something happened that is worth an event. */
    default void happened(JobEvent event) {}
}
