package io.wurstwerk.orchestrator.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to a job, for those who watch it. Written out once, however many watch, and not at all when
 * nobody does.
 */
public final class JobEvent {

    /** What happened, in the words of the event stream. */
    public enum Kind {
        ACCEPTED("accepted", true),
        STARTED("started", true),
        STEP("step", false),
        PREVIEW("preview", false),
        IMAGE("image", true),
        TERMINAL("terminal", true);

        private final String wire;
        private final boolean lasting;

        Kind(String wire, boolean lasting) {
            this.wire = wire;
            this.lasting = lasting;
        }
    }

    private final Kind kind;
    private final EventPosition position;
    private final ObjectNode data;
    private byte @Nullable [] frame;

    JobEvent(Kind kind, EventPosition position, ObjectNode data) {
        this.kind = kind;
        this.position = position;
        this.data = data;
    }

    /** The end of a job of which nothing but its manifest is left. */
    public static JobEvent end(ObjectNode job) {
        return new JobEvent(Kind.TERMINAL, new EventPosition(-1, -1, 0), job);
    }

    /** Whether this is the id of a job's last event. */
    public static boolean isEnd(@Nullable String id) {
        return EventPosition.of(id).images() >= 0;
    }

    /** Whether a watcher that misses it misses something: the next step tells what the last one told, and more. */
    public boolean lasting() {
        return kind.lasting;
    }

    /** Whether nothing follows. */
    public boolean last() {
        return kind == Kind.TERMINAL;
    }

    public Kind kind() {
        return kind;
    }

    /** What a watcher says when it comes back. */
    public String id() {
        return position.toString();
    }

    /** The event as a server-sent event. Shared by all watchers: not to be changed. */
    public synchronized byte[] frame() {
        if (frame == null) {
            byte[] head = ("id: " + position + "\nevent: " + kind.wire + "\ndata: ").getBytes(UTF_8);
            byte[] json = ViewedJobBytes.json(data);
            frame = new byte[head.length + json.length + 2];
            System.arraycopy(head, 0, frame, 0, head.length);
            System.arraycopy(json, 0, frame, head.length, json.length);
            frame[frame.length - 2] = '\n';
            frame[frame.length - 1] = '\n';
        }
        return frame;
    }
}
