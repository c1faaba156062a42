package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.view.JobEvent;
import io.wurstwerk.orchestrator.view.Watcher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches a job. Nothing is queued for a client that does not read: it misses steps and previews, which
 * the next ones replace, and is disconnected when it would miss more, or still does not read at the next beat. It may
 * come back with the id of its last event. Thread-safe.
 */
final class EventStream implements Watcher {

    private static final byte[] BEAT = ":\n\n".getBytes(UTF_8);
    /** Asks browsers to come back after two seconds. */
    private static final byte[] OPENING = "retry: 2000\n\n".getBytes(UTF_8);

    private static final int MOST_HELD = 200;

    /** Where the events go. */
    interface Outlet {
        /** Whether the client has not read what it was sent. */
        boolean full();

        /** Must not wait, and must not change the bytes: others send them too. */
        void write(byte[] bytes);

        /** All was said. */
        void end();

        /** Disconnects. */
        void drop();
    }

    private final Outlet outlet;
    private final Runnable onOver;
    private @Nullable List<JobEvent> held = new ArrayList<>();
    private boolean over;

    /** @param onOver runs once, when nothing more will be sent */
    EventStream(Outlet outlet, Runnable onOver) {
        this.outlet = outlet;
        this.onOver = onOver;
    }

    /** Sends what has happened before, and then what has happened since that was asked. */
    void open(List<JobEvent> past) {
        synchronized (this) {
            outlet.write(OPENING);
            past.forEach(this::send);
            List<JobEvent> meanwhile = held == null ? List.of() : held;
            held = null;
            meanwhile.forEach(this::send);
            if (!over) {
                return;
            }
        }
        onOver.run();
    }

    @Override
    public void happened(JobEvent event) {
        synchronized (this) {
            if (over) {
                return;
            }
            if (held != null) {
                if (held.size() < MOST_HELD || event.lasting()) {
                    held.add(event);
                }
                return;
            }
            send(event);
            if (!over) {
                return;
            }
        }
        onOver.run();
    }

    /** Shows that the connection lives, to both sides. */
    void beat() {
        synchronized (this) {
            if (over || held != null) {
                return;
            }
            if (!outlet.full()) {
                outlet.write(BEAT);
                return;
            }
            over = true;
            outlet.drop();
        }
        onOver.run();
    }

    /** The client has gone. */
    void gone() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        onOver.run();
    }

    private void send(JobEvent event) {
        if (over || (outlet.full() && !event.lasting())) {
            return;
        }
        if (outlet.full()) {
            over = true;
            outlet.drop();
            return;
        }
        outlet.write(event.frame());
        if (event.last()) {
            over = true;
            outlet.end();
        }
    }
}
