package io.wurstwerk.orchestrator.view;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much of a job's story has been told: the offsets up to which its journal, its progress and its answer are known.
 * All records of a job lie in one partition of each topic, so this means the same to every instance.
 *
 * @param jobs last offset of the journal, -1 for none
 * @param progress last offset of the progress
 * @param images offset of the answer
 */
record EventPosition(long jobs, long progress, long images) {

    static final EventPosition START = new EventPosition(-1, -1, -1);

    private static final Pattern SHAPE = Pattern.compile("j(-1|[0-9]{1,18})\\.p(-1|[0-9]{1,18})\\.i(-1|[0-9]{1,18})");

    /** Reads an event's id; whatever is none means the start. */
    static EventPosition of(@Nullable String id) {
        Matcher parts = SHAPE.matcher(id == null ? "" : id);
        return parts.matches()
                ? new EventPosition(
                        Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)))
                : START;
    }

    @Override
    public String toString() {
        return "j" + jobs + ".p" + progress + ".i" + images;
    }
}
