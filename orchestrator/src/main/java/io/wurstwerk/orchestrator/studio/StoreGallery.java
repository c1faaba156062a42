package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.engine.Picture;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.engine.StoredObject;
import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Sketch;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.ObjectKey;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.orchestrator.trace.Step;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps images in the object store, each upload on a virtual thread of its own. */
public final class StoreGallery implements Ports.Gallery, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StoreGallery.class);

    private final ImageStore store;
    private final Consumer<Event> events;
    private final Clock clock;
    private final JobProgress progress;
    private final JobTraces traces;
    private final ExecutorService threads;

    public StoreGallery(ImageStore store, Consumer<Event> events, Clock clock, JobProgress progress, JobTraces traces) {
        this.traces = traces;
        this.progress = progress;
        this.store = store;
        this.events = events;
        this.clock = clock;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("upload-", 0).factory());
    }

    @Override
    public void keep(ImageId image, String tenant, Picture picture) {
        progress.uploading(image);
        try {
            threads.execute(() -> upload(image, tenant, picture));
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the gallery is closing");
        }
    }

    @Override
    public StoredImage sign(int index, StoredObject object) {
        return new StoredImage(
                index,
                object.seed(),
                store.bucket(),
                object.key(),
                object.sha256(),
                object.size(),
                OutputFile.Format.ofKey(object.key()).contentType(),
                store.presignedGet(object.key(), store.urlExpiry()),
                clock.instant().plus(store.urlExpiry()),
                object.sketch());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void upload(ImageId image, String tenant, Picture picture) {
        String sha256 = ObjectKey.sha256(picture.file());
        String key = store.key(
                tenant, image.job(), image.index(), sha256, picture.format().extension());
        long start = System.nanoTime();
        try (Step step = traces.whole(image, "upload")) {
            upload(image, tenant, picture, sha256, key, start, step);
        }
    }

    private void upload(
            ImageId image, String tenant, Picture picture, String sha256, String key, long start, Step step) {
        try {
            Sketch sketch = sketch(image, tenant, picture);
            store.put(key, picture.file(), picture.format().contentType());
            Timings upload = new Timings(
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ofNanos(System.nanoTime() - start),
                    Duration.ZERO);
            events.accept(new Event.Kept(
                    image,
                    new StoredObject(
                            key,
                            sha256,
                            picture.file().length,
                            picture.seed(),
                            picture.truncated(),
                            picture.spent().plus(upload),
                            sketch,
                            picture.usage() == null
                                    ? null
                                    : new Cost(
                                            picture.usage(),
                                            picture.file().length + (sketch == null ? 0 : sketch.size()),
                                            0,
                                            0))));
        } catch (StoreException away) {
            step.failed("store");
            LOG.warnf("job %s image %d waits: %s", image.job(), image.index(), away.getMessage());
            events.accept(new Event.Refused(image, new Refusal.Outage(Dependency.STORE)));
        } catch (CancellationException stopping) {
            LOG.debug("an upload was given up");
        }
    }

    /** Stores what belongs to a draft beside its preview; null where the picture is none. */
    private @Nullable Sketch sketch(ImageId image, String tenant, Picture picture) {
        Picture.Draft draft = picture.draft();
        if (draft == null) {
            return null;
        }
        String key = store.draftKey(tenant, image.job(), image.index());
        store.put(key, draft.latents(), "application/octet-stream");
        return new Sketch(
                key, ObjectKey.sha256(draft.latents()), draft.latents().length, draft.width(), draft.height());
    }
}
