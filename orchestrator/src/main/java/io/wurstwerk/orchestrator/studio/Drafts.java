package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.Event.Refusal;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.store.ImageStore;
import java.io.Serial;
import java.util.Optional;

/** Finds what drafts have left behind. */
@FunctionalInterface
public interface Drafts {

    /**
     * The object of a drafted image; empty where this tenant has none of this name, or none any more.
     *
     * @throws io.wurstwerk.orchestrator.store.StoreException when nobody can tell now
     */
    Optional<byte[]> read(String tenant, JobId draft, int index);

    static Drafts in(ImageStore store) {
        return (tenant, draft, index) -> store.get(store.draftKey(tenant, draft, index), DraftObject.MOST_BYTES);
    }

    /**
     * A drafted image as it is to be finished.
     *
     * @param order with what the promotion changes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(ImageOrder order, float[] latents) {}

    /**
     * Reads the draft of a promotion's image.
     *
     * @param pipeline fingerprint of the models that are to finish it
     * @throws UnusableException when it can never be finished
     */
    default Found find(String tenant, Course.Promotion promotion, int images, int index, String pipeline) {
        byte[] object = read(tenant, promotion.draft(), index)
                .orElseThrow(() -> new UnusableException(
                        Failure.Code.DRAFT_NOT_FOUND,
                        "there is no draft of image " + index + " of job " + promotion.draft()
                                + ", or it is no longer kept"));
        DraftObject draft;
        try {
            draft = DraftObject.decode(object);
        } catch (IllegalArgumentException unreadable) {
            throw new UnusableException(Failure.Code.DRAFT_UNFIT, String.valueOf(unreadable.getMessage()));
        }
        if (!draft.pipeline().equals(pipeline)) {
            throw new UnusableException(
                    Failure.Code.DRAFT_UNFIT,
                    "the draft was made by the models " + draft.pipeline() + ", and now there are " + pipeline);
        }
        return new Found(promotion.of(draft.order(), images), draft.latents());
    }

    /** A draft that no later try will finish. The message is for the sender. */
    final class UnusableException extends RuntimeException {

        @Serial
        private static final long serialVersionUID = 1;

        private final Failure.Code code;

        UnusableException(Failure.Code code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        Refusal refusal() {
            return new Refusal.Impossible(code, String.valueOf(getMessage()));
        }
    }
}
