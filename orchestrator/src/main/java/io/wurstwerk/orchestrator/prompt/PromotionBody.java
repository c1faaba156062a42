package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import java.util.Optional;

/** The body of a request that finishes a draft, before it is judged. What cannot be read stays as it is: it is refused later. */
public final class PromotionBody {

    private static final String PROMOTE = "promote";
    private static final String IMAGES = "num_images_per_prompt";

    private final ObjectNode body;

    private PromotionBody(ObjectNode body) {
        this.body = body;
    }

    /** Empty where the body is no object that can be read. */
    public static Optional<PromotionBody> of(byte[] sent) {
        if (sent.length > PromptEventReader.MOST_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PromotionBody(StrictJson.object(sent)));
        } catch (UnreadableException unreadable) {
            return Optional.empty();
        }
    }

    public boolean namesADraft() {
        return body.has(PROMOTE);
    }

    /** The draft that is to be finished; empty where none is named, or something that is no job's name. */
    public Optional<JobId> draft() {
        try {
            return Optional.ofNullable(body.path(PROMOTE).textValue()).map(JobId::new);
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /** The same for this draft, all of whose images are wanted where the body does not say how many. */
    public byte[] of(JobId draft, int images) {
        ObjectNode filled = body.deepCopy().put(PROMOTE, draft.value());
        if (images > 1 && !filled.has(IMAGES)) {
            filled.put(IMAGES, images);
        }
        return filled.toString().getBytes(UTF_8);
    }
}
