package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.prompt.PromotionBody;
import java.util.List;
import java.util.Optional;

/**
 * Looks at the draft that a request wants finished before the request is sent: so a wrong wish is refused at the door, and
 * a draft of several images is finished as a whole. Another tenant's draft is as unknown as one that never was.
 */
final class Promotions {

    private final JobLookup lookup;

    Promotions(JobLookup lookup) {
        this.lookup = lookup;
    }

    /**
     * A request as it is to be sent. One that promotes nothing stays as it is.
     *
     * @throws RefusedException when there is no such draft
     */
    byte[] filled(String tenant, byte[] sent) throws InterruptedException {
        Optional<PromotionBody> body = PromotionBody.of(sent);
        Optional<JobId> draft = body.flatMap(PromotionBody::draft);
        if (draft.isEmpty()) {
            return sent;
        }
        try {
            return body.orElseThrow().of(draft.get(), images(tenant, draft.get()));
        } catch (RefusedException refused) {
            throw refused.unknown() ? wrong("there is no such draft, or it is no longer kept") : refused;
        }
    }

    /**
     * A request to finish the draft that the path names.
     *
     * @throws RefusedException when there is no such draft
     */
    byte[] of(String tenant, String path, byte[] sent) throws InterruptedException {
        JobId draft = JobLookup.id(path);
        int images = images(tenant, draft);
        Optional<PromotionBody> body = PromotionBody.of(sent);
        if (body.isPresent() && body.get().namesADraft()) {
            throw wrong("cannot be given here: the path says it");
        }
        // What cannot be read goes on to be refused as everywhere.
        return body.map(read -> read.of(draft, images)).orElse(sent);
    }

    private int images(String tenant, JobId draft) throws InterruptedException {
        var job = lookup.find(tenant, draft).job();
        if (!job.path("draft").asBoolean()) {
            throw wrong("must be the id of a draft that is completed");
        }
        return job.path("images").size();
    }

    private static RefusedException wrong(String message) {
        return RefusedException.invalid(List.of(new Problem("promote", message)));
    }
}
