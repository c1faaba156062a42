package io.wurstwerk.orchestrator.host;

import io.wurstwerk.orchestrator.engine.Engine;
import io.wurstwerk.orchestrator.engine.Event;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that an engine lives on, with its queue of events. What the engine ordered bounds what can be under
 * way, except for submissions and commands: their readers are held up while the queue is long.
 */
final class EngineThread implements Consumer<Event> {
    private static final Logger LOG = Logger.getLogger(EngineThread.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int LONG = 1_000;

    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Runnable onFailure;
    private final Thread thread;
    private @Nullable Engine engine;
    private Consumer<Engine> onTick = _ -> {};
    private volatile boolean stopping;

    /** @param onFailure what to do when the engine contradicts itself: it must not publish anything any more */
    EngineThread(Runnable onFailure) {
        this.onFailure = onFailure;
        this.thread = Thread.ofPlatform().name("wurstwerk-engine").daemon().unstarted(this::run);
    }

    /** @param looksAtIt now and then, on the engine's thread */
    void start(Engine lives, Consumer<Engine> looksAtIt) {
        engine = lives;
        onTick = looksAtIt;
        thread.start();
    }

    boolean alive() {
        return thread.isAlive();
    }

    /** Takes an event; what anyone may send at will waits while many others do. */
    @Override
    public void accept(Event event) {
        try {
            while (isUnbidden(event) && events.size() > LONG && !stopping) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        events.add(event);
    }

    private static boolean isUnbidden(Event event) {
        return event instanceof Event.Submitted
                || event instanceof Event.Unintelligible
                || event instanceof Event.CancelAsked;
    }

    void stop() throws InterruptedException {
        stopping = true;
        thread.interrupt();
        if (!thread.join(TICK.multipliedBy(10))) {
            LOG.warn("the engine's thread did not stop in time");
        }
    }

    private void run() {
        Engine lives = Objects.requireNonNull(engine);
        long lastTick = System.nanoTime();
        try {
            while (!stopping) {
                Event event = events.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
                if (event != null) {
                    lives.handle(event);
                }
                if (System.nanoTime() - lastTick > TICK.toNanos()) {
                    lastTick = System.nanoTime();
                    lives.handle(new Event.Tick());
                    onTick.accept(lives);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error contradiction) {
            // Events hold prompts, so what failed is told by its type and place alone.
            LOG.errorf(
                    "the engine stops: %s at %s",
                    contradiction.getClass(), contradiction.getStackTrace()[0]);
            onFailure.run();
        }
    }
}
