package io.wurstwerk.orchestrator.api;

import static java.util.stream.Collectors.toUnmodifiableSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.pipeline.Checkpoint;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's images API, as far as it goes: a job is submitted like any other, waited for, and told in OpenAI's shape. */
@Path("/v1/images/generations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
final class GenerationsResource {

    private static final int LARGEST_IMAGE = 64 << 20;

    private final Reception reception;
    private final Capacity capacity;
    private final ImageStore store;
    private final Caller caller;
    private final Clock clock;
    private final Duration patience;

    GenerationsResource(
            Reception reception, Capacity capacity, ImageStore store, Caller caller, Clock clock, ApiConfig config) {
        this.reception = reception;
        this.capacity = capacity;
        this.store = store;
        this.caller = caller;
        this.clock = clock;
        this.patience = config.generationsWait();
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response generate(InputStream body, @HeaderParam("Idempotency-Key") @Nullable String key)
            throws InterruptedException {
        Set<String> names = capacity
                .catalog()
                .orElseThrow(() -> RefusedException.unavailable("the models have not been reached yet"))
                .checkpoints()
                .stream()
                .map(Checkpoint::name)
                .collect(toUnmodifiableSet());
        OpenAiRequest request = OpenAiRequest.of(ImagesResource.read(body), names);
        Reception.Receipt receipt = reception.submit(caller.tenant(), key, request.body(), patience);
        if (!receipt.ended()) {
            return failed(
                    504, "job " + receipt.id() + " is not finished yet; it goes on", HttpError.NOT_FINISHED.wire());
        }
        JsonNode job = receipt.job();
        if (!job.path("state").asText().equals("completed")) {
            return failed(
                    500,
                    "job " + receipt.id() + " has " + job.path("state").asText() + ": "
                            + job.at("/error/message").asText(),
                    job.at("/error/code").asText());
        }
        return Response.ok(images(job, request.inline()).toString())
                .header(HttpHeaders.LOCATION, "/v1/images/" + receipt.id())
                .build();
    }

    private ObjectNode images(JsonNode job, boolean inline) {
        ObjectNode root = JsonNodeFactory.instance
                .objectNode()
                .put("created", clock.instant().getEpochSecond());
        ArrayNode data = root.putArray("data");
        for (JsonNode image : job.path("images")) {
            if (inline) {
                data.addObject()
                        .put(
                                "b64_json",
                                Base64.getEncoder()
                                        .encodeToString(bytes(image.path("key").asText())));
            } else {
                data.addObject().put("url", image.path("url").asText());
            }
        }
        return root;
    }

    private byte[] bytes(String key) {
        try {
            return store.get(key, LARGEST_IMAGE)
                    .orElseThrow(() -> RefusedException.of(HttpError.NOT_FOUND, "the image is no longer kept"));
        } catch (StoreException away) {
            throw RefusedException.unavailable("the store cannot be asked for the image now");
        }
    }

    /** OpenAI's clients submit again by themselves after a failure: they are told not to, because the job is known. */
    private static Response failed(int status, String message, String code) {
        return Response.status(status)
                .header("x-should-retry", "false")
                .entity(ProblemJson.openAi(message, "server_error", null, code).toString())
                .build();
    }
}
