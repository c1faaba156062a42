package io.wurstwerk.orchestrator.fleet;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Asks again and again where names lead, and tells the fleet. A name that cannot be resolved keeps the lanes that it
 * had: nobody loses them for the outage of a name server.
 */
final class Discovery implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Discovery.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final Resolver resolver;
    private final Duration interval;
    private final Telling telling;
    private final List<Thread> threads;

    /** Hears where a name leads, each time it was asked for. */
    interface Telling {
        void leads(LaneName name, Set<String> endpoints);
    }

    /**
     * Asks nobody before {@link #start()}.
     *
     * @param interval between two questions for a name
     */
    Discovery(List<LaneName> names, Resolver resolver, Duration interval, Telling telling) {
        this.resolver = resolver;
        this.interval = interval;
        this.telling = telling;
        // A name server that does not answer holds its thread up for seconds, and only the names that it has.
        this.threads = names.stream()
                .map(name -> Thread.ofPlatform()
                        .name("lanes-of-" + name.host())
                        .daemon()
                        .unstarted(() -> follow(name)))
                .toList();
    }

    void start() {
        threads.forEach(Thread::start);
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                if (thread.getState() != Thread.State.NEW && !thread.join(CLOSE_LIMIT)) {
                    LOG.debugf("%s still waits for a name server", thread.getName());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(LaneName name) {
        boolean failing = false;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                failing = !ask(name, failing);
                Thread.sleep(interval);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean ask(LaneName name, boolean failing) {
        try {
            Set<String> endpoints = name.endpoints(resolver.addresses(name.host()));
            telling.leads(name, endpoints);
            if (failing) {
                LOG.infof("%s is resolved again", name);
            }
            return true;
        } catch (UnknownHostException unknown) {
            LOG.logf(
                    failing ? Logger.Level.DEBUG : Logger.Level.WARN,
                    "%s cannot be resolved; its lanes stay as they are, and it is asked for again every %s",
                    name,
                    interval);
            return false;
        }
    }
}
