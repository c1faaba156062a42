package io.wurstwerk.orchestrator.view;

/** Events without a job, for those who pass them on. */
public final class JobEvents {

    private JobEvents() {}

    public static JobEvent of(JobEvent.Kind kind) {
        return new JobEvent(kind, EventPosition.START, Told.object("{\"a\": 1}"));
    }
}
