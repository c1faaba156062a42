package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.prompt.RequestLimits;
import io.wurstwerk.orchestrator.view.JobView;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Jobs over HTTP. */
@Path("/v1/images")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
final class ImagesResource {

    private static final int DEFAULT_PAGE = 20;
    private static final int LARGEST_PAGE = 100;

    private final Reception reception;
    private final JobLookup lookup;
    private final JobView view;
    private final Promotions promotions;
    private final Requests requests;
    private final Caller caller;
    private final Duration longestWait;

    ImagesResource(
            Reception reception, JobLookup lookup, JobView view, Requests requests, Caller caller, ApiConfig config) {
        this.reception = reception;
        this.lookup = lookup;
        this.view = view;
        this.promotions = new Promotions(lookup);
        this.requests = requests;
        this.caller = caller;
        this.longestWait = config.longestWait();
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response submit(
            InputStream body,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @HeaderParam("Prefer") List<String> preferences)
            throws InterruptedException {
        return submitted(key, promotions.filled(caller.tenant(), read(body)), preferences);
    }

    @POST
    @Path("/{job}/promote")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response promote(
            @RestPath String job,
            InputStream body,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @HeaderParam("Prefer") List<String> preferences)
            throws InterruptedException {
        return submitted(key, promotions.of(caller.tenant(), job, read(body)), preferences);
    }

    private Response submitted(@Nullable String key, byte[] body, List<String> preferences)
            throws InterruptedException {
        Optional<Duration> asked = Preference.ofWait(preferences);
        Duration wait =
                asked.orElse(Duration.ZERO).compareTo(longestWait) > 0 ? longestWait : asked.orElse(Duration.ZERO);
        Reception.Receipt receipt = reception.submit(caller.tenant(), key, body, wait);
        var response = Response.status(receipt.ended() ? 200 : 202)
                .header(HttpHeaders.LOCATION, "/v1/images/" + receipt.id())
                .entity(receipt.job().toString());
        if (receipt.waited()) {
            response.header("Preference-Applied", "wait=" + wait.toSeconds());
        }
        return response.build();
    }

    /** The framework's own parameters are null where they are empty, and what is empty is no number. */
    @GET
    public String recent(@Context HttpServerRequest asked) {
        String limit = asked.getParam("limit");
        String cursor = asked.getParam("cursor");
        List<Problem> problems = new ArrayList<>();
        int most = limit == null ? DEFAULT_PAGE : number(limit);
        if (most < 1 || most > LARGEST_PAGE) {
            problems.add(new Problem("limit", "must be an integer from 1 to " + LARGEST_PAGE));
        }
        if (cursor != null && !cursor.matches("[0-9a-f]{16}[a-z2-7]{52}(-[0-9a-f]{16})?")) {
            problems.add(new Problem("cursor", "must be the next of the page before"));
        }
        if (!problems.isEmpty()) {
            throw RefusedException.invalid(problems);
        }
        lookup.requireCaughtUp();
        JobView.Page page = view.recent(caller.tenant(), cursor, most);
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode jobs = root.putArray("jobs");
        page.jobs().forEach(jobs::add);
        if (page.next() != null) {
            root.put("next", page.next());
        }
        return root.toString();
    }

    @GET
    @Path("/{job}")
    public String job(@RestPath String job) throws InterruptedException {
        return lookup.find(caller.tenant(), JobLookup.id(job)).job().toString();
    }

    @DELETE
    @Path("/{job}")
    public Response cancel(@RestPath String job) throws InterruptedException {
        JobLookup.Found found = lookup.find(caller.tenant(), JobLookup.id(job));
        if (!found.ended()) {
            requests.cancel(JobLookup.id(job));
        }
        return Response.status(found.ended() ? 200 : 202)
                .entity(found.job().toString())
                .build();
    }

    @GET
    @Path("/{job}/{index}")
    @Produces(MediaType.WILDCARD)
    public Response image(@PathParam("job") String job, @PathParam("index") String index) throws InterruptedException {
        if (!index.matches("[0-7]")) {
            throw RefusedException.of(HttpError.NOT_FOUND, "a job has images 0 to 7 at most");
        }
        return Response.status(302)
                .header(
                        HttpHeaders.LOCATION,
                        lookup.image(caller.tenant(), JobLookup.id(job), Integer.parseInt(index))
                                .toString())
                .build();
    }

    /**
     * One byte more than allowed, so that what is too long is seen to be.
     *
     * @throws RefusedException when it cannot be read to its end: its sender is gone, perhaps since it was sent, or has
     *     been waited for in vain
     */
    static byte[] read(InputStream body) {
        try {
            return body.readNBytes(RequestLimits.current().bodyBytes() + 1);
        } catch (IOException cutOff) {
            throw RefusedException.of(HttpError.INVALID_REQUEST, "the body ends before its end");
        }
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : -1;
    }
}
