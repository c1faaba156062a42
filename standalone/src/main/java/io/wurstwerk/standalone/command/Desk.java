package io.wurstwerk.standalone.command;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Where jobs are handed in and heard of. For one thread. */
interface Desk {
    /**
     * Returns when the event is taken for good.
     *
     * @return the job's id
     * @throws IllegalStateException when the event is not taken
     */
    String submit(PromptEvent event) throws InterruptedException;

    /**
     * What came since the last call; waits a moment when there is nothing.
     *
     * @param jobs of whom to hear; news of others are left out
     * @throws IOException when an event cannot be read
     */
    List<News> news(Set<String> jobs) throws IOException;
}
