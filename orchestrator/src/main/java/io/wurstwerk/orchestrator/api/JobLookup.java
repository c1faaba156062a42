package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.orchestrator.view.JobJson;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.orchestrator.view.ViewedJob;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Finds jobs: in the view, or, when that has lost them, by the manifest in the store, whose key is made from the tenant's
 * name, so that nobody finds another's.
 */
final class JobLookup {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int LARGEST_MANIFEST = 256 * 1024;
    /** A job that is only known to have been submitted for so long may have been answered before the view began. */
    private static final Duration ODD = Duration.ofMinutes(1);

    private final JobView view;
    private final JobJson json;
    private final ImageStore store;
    private final BooleanSupplier caughtUp;
    private final Duration patience;
    private final Clock clock;

    /**
     * @param caughtUp whether the view knows what was written before this instance started
     * @param patience how long a job that is not in the view is waited for
     */
    JobLookup(JobView view, JobJson json, ImageStore store, BooleanSupplier caughtUp, Duration patience, Clock clock) {
        this.view = view;
        this.json = json;
        this.store = store;
        this.caughtUp = caughtUp;
        this.patience = patience;
        this.clock = clock;
    }

    /** A job's id as it stands in a path. */
    static JobId id(String path) {
        try {
            return new JobId(path);
        } catch (IllegalArgumentException none) {
            throw RefusedException.unknownJob();
        }
    }

    /**
     * A job as its tenant sees it.
     *
     * @param ended whether it has its answer
     */
    record Found(ObjectNode job, boolean ended) {}

    /** @throws RefusedException when the tenant has no such job, or nobody can tell now */
    Found find(String tenant, JobId id) throws InterruptedException {
        Optional<ViewedJob> known = view.find(tenant, id);
        if (known.isEmpty() && caughtUp.getAsBoolean()) {
            known = view.await(tenant, id, _ -> true, patience);
        }
        if (known.isPresent() && !lacksItsAnswer(known.get())) {
            return new Found(view.render(known.get()), known.get().ended());
        }
        try {
            Optional<ObjectNode> manifest = manifest(tenant, id);
            if (manifest.isPresent()) {
                return new Found(json.ofManifest(manifest.get()), true);
            }
        } catch (StoreException away) {
            if (known.isEmpty()) {
                throw RefusedException.unavailable("the job is not in the view, and the store cannot be asked now");
            }
        }
        if (known.isPresent()) {
            return new Found(view.render(known.get()), known.get().ended());
        }
        requireCaughtUp();
        throw RefusedException.unknownJob();
    }

    /**
     * Where an image, or the preview of a drafted one, can be read for a while.
     *
     * @throws RefusedException when the tenant has no such image
     */
    URI image(String tenant, JobId id, int index) throws InterruptedException {
        for (JsonNode image : find(tenant, id).job().path("images")) {
            JsonNode file = image.has("preview") ? image.get("preview") : image;
            if (image.path("index").asInt(-1) == index && file.hasNonNull("url")) {
                return URI.create(file.get("url").asText());
            }
        }
        throw RefusedException.of(HttpError.NOT_FOUND, "the job has no such image, or not yet");
    }

    /** @throws RefusedException while much may be missing from the view */
    void requireCaughtUp() {
        if (!caughtUp.getAsBoolean()) {
            throw RefusedException.unavailable("this instance has not read yet what there is");
        }
    }

    private boolean lacksItsAnswer(ViewedJob job) {
        boolean old = job.submittedAt()
                .map(at -> at.isBefore(clock.instant().minus(ODD)))
                .orElse(true);
        return job.answer() == null && (job.ended() || (job.state().equals("submitted") && old));
    }

    private Optional<ObjectNode> manifest(String tenant, JobId id) {
        return store.get(store.manifestKey(tenant, id), LARGEST_MANIFEST).flatMap(JobLookup::object);
    }

    private static Optional<ObjectNode> object(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes) instanceof ObjectNode found ? Optional.of(found) : Optional.empty();
        } catch (IOException foreign) {
            return Optional.empty();
        }
    }
}
