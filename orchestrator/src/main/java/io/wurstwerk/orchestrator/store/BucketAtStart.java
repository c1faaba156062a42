package io.wurstwerk.orchestrator.store;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.wurstwerk.orchestrator.job.Backoff;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Makes the bucket, in the background and for as long as it takes. */
@ApplicationScoped
public class BucketAtStart {

    private static final Logger LOG = Logger.getLogger(BucketAtStart.class);

    private final ImageStore store;
    private final Backoff backoff;
    private final Thread preparation;
    private volatile boolean prepared;

    BucketAtStart(ImageStore store, RandomGenerator random) {
        this.store = store;
        this.backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), random);
        this.preparation = Thread.ofVirtual().name("store-bucket").unstarted(this::prepare);
    }

    /** Whether images can be stored now. */
    public boolean reachable() {
        return prepared && store.reachable();
    }

    void start(@Observes StartupEvent started) {
        preparation.start();
    }

    void stop(@Observes ShutdownEvent stopping) {
        preparation.interrupt();
    }

    private void prepare() {
        try {
            for (int failures = 0; !prepared; ) {
                try {
                    boolean rules = store.ensureBucket();
                    prepared = true;
                    LOG.infof("bucket %s is there", store.bucket());
                    if (!rules) {
                        LOG.infof("the store takes no rules for buckets: drafts stay until somebody deletes them");
                    }
                } catch (StoreException unavailable) {
                    failures++;
                    LOG.logf(
                            failures == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                            "%s; trying again",
                            unavailable.getMessage());
                    Thread.sleep(backoff.afterFailures(failures));
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
