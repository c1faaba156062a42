package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.job.JobState.Terminal;
import java.util.Map;

/** Where answers are kept for those who ask long after the event. */
public interface AnswerArchive {

    AnswerArchive NONE = answers -> {};

    /**
     * Keeps answers before they are published. Waits for little, and never fails: an answer that cannot be archived is
     * published all the same.
     *
     * @param answers with their data as events have them
     */
    void keep(Map<Terminal, byte[]> answers);
}
