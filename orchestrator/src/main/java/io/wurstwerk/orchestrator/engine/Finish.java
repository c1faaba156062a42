package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.JobState;
import java.time.Clock;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.jboss.logging.Logger;

/** The one place where a job gets its answer. */
final class Finish {

    private static final Logger LOG = Logger.getLogger(Finish.class);

    private final Producer<String, byte[]> producer;
    private final Backoff backoff;
    private final Clock clock;
    private final EngineMetrics metrics;

    Finish(Producer<String, byte[]> producer, Backoff backoff, Clock clock, EngineMetrics metrics) {
        this.producer = producer;
        this.backoff = backoff;
        this.clock = clock;
        this.metrics = metrics;
    }

    /**
     * Returns when Kafka has acknowledged the terminal event, however long that takes.
     *
     * @throws InterruptedException when the process stops first; the event may or may not have been written
     */
    void publish(JobState.Terminal state) throws InterruptedException {
        var record = EventRecords.terminal(state, clock.instant());
        for (int failures = 1; ; failures++) {
            try {
                producer.send(record).get();
                metrics.finished(state);
                LOG.infof("job %s is %s", state.job(), state.name());
                return;
            } catch (ExecutionException refused) {
                LOG.errorf("cannot publish the answer to job %s: %s; trying again", state.job(), refused.getCause());
            } catch (org.apache.kafka.common.errors.InterruptException interrupted) {
                throw new InterruptedException("stopped while publishing");
            }
            Thread.sleep(backoff.afterFailures(failures));
        }
    }
}
