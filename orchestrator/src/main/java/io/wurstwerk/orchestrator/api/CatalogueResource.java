package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What this installation can draw, at what cost, and how busy it is. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
final class CatalogueResource {

    private final Capacity capacity;
    private final Reception reception;
    private final JobLookup lookup;
    private final JobView view;
    private final Caller caller;
    private final Clock clock;

    CatalogueResource(
            Capacity capacity, Reception reception, JobLookup lookup, JobView view, Caller caller, Clock clock) {
        this.capacity = capacity;
        this.reception = reception;
        this.lookup = lookup;
        this.view = view;
        this.caller = caller;
        this.clock = clock;
    }

    @GET
    @Path("/checkpoints")
    public String checkpoints() {
        Catalog catalog = capacity.catalog()
                .orElseThrow(() -> RefusedException.unavailable("the models have not been reached yet"));
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode all = root.putArray("checkpoints");
        for (Checkpoint checkpoint : catalog.checkpoints()) {
            ObjectNode one = all.addObject()
                    .put("name", checkpoint.name())
                    .put("default", checkpoint.equals(catalog.defaultCheckpoint()))
                    .put("default_guidance_scale", checkpoint.defaultGuidanceScale())
                    .put("recommended_negative_prompt", checkpoint.recommendedNegativePrompt())
                    .put("default_width", checkpoint.defaultSize().width())
                    .put("default_height", checkpoint.defaultSize().height())
                    .put("min_side", checkpoint.minSide())
                    .put("max_side", checkpoint.maxSide())
                    .put("side_multiple", checkpoint.sideMultiple());
            if (!checkpoint.servedSizes().isEmpty()) {
                ArrayNode sizes = one.putArray("served_sizes");
                checkpoint.servedSizes().forEach(range -> sizes.add(range.toString()));
            }
        }
        return root.toString();
    }

    @POST
    @Path("/quote")
    @Consumes(MediaType.APPLICATION_JSON)
    public String quote(InputStream body) {
        Submission.Ordered order = reception.foresee(reception.nameless(caller.tenant()), ImagesResource.read(body));
        lookup.requireCaughtUp();
        JobView.Forecast forecast = view.forecast(order);
        double seconds = capacity.seconds(order.order());
        double until = forecast.secondsBefore() / Math.max(1, capacity.readyLanes()) + seconds;
        return JsonNodeFactory.instance
                .objectNode()
                .put("seconds", seconds)
                .put("position", forecast.position())
                .put(
                        "finishes_at",
                        clock.instant()
                                .plus(Duration.ofMillis((long) (until * 1000)))
                                .toString())
                .toString();
    }

    @GET
    @Path("/lanes")
    public String lanes() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode all = root.putArray("lanes");
        List<Capacity.LaneLoad> lanes = capacity.lanes();
        for (Capacity.LaneLoad lane : lanes) {
            ObjectNode one = all.addObject().put("name", lane.name()).put("ready", lane.ready());
            if (lane.pipeline() != null) {
                one.put("pipeline", lane.pipeline());
            }
            one.put("drawing", lane.drawing());
        }
        return root.put("open_jobs", view.openJobs()).toString();
    }
}
