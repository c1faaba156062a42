package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobState;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * A submission being worked on, on a virtual thread. Either it gets its answer or it is abandoned, never both: what
 * comes first wins, and an answer on its way out is not called back.
 */
final class OpenJob {

    private static final Logger LOG = Logger.getLogger(OpenJob.class);

    private enum Phase {
        WORKING,
        ANSWERING,
        ABANDONED
    }

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WORKING);
    private final Thread thread;

    /**
     * @param work finds the answer
     * @param finish publishes it
     * @param answered runs after the answer is out
     * @param closed runs in every case, last
     */
    OpenJob(String name, Callable<JobState.Terminal> work, Finish finish, Runnable answered, Runnable closed) {
        this.thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                JobState.Terminal answer = work.call();
                if (phase.compareAndSet(Phase.WORKING, Phase.ANSWERING)) {
                    finish.publish(answer);
                    answered.run();
                }
            } catch (InterruptedException stopped) {
                LOG.debugf("%s is left for its next owner", name);
            } catch (Exception bug) {
                LOG.errorf("%s cannot go on: %s; it will be read again by its next owner", name, bug.getClass());
            } finally {
                closed.run();
            }
        });
    }

    void start() {
        thread.start();
    }

    /** Gives the job up unless its answer is on its way; true when it was given up by this call. */
    boolean abandon() {
        if (phase.compareAndSet(Phase.WORKING, Phase.ABANDONED)) {
            thread.interrupt();
            return true;
        }
        return false;
    }

    /** Stops even an answer on its way: the process ends. */
    void interrupt() {
        thread.interrupt();
    }
}
