package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.pipeline.Catalog;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the API wants to know of those who draw. */
interface Capacity {

    /** What can be drawn; empty before the models were met. */
    Optional<Catalog> catalog();

    /** Predicted seconds of model time. */
    double seconds(ImageOrder order);

    List<LaneLoad> lanes();

    /**
     * A lane and what it does.
     *
     * @param pipeline fingerprint of its models; null before they were met
     * @param drawing images that are being drawn
     */
    record LaneLoad(String name, boolean ready, @Nullable String pipeline, int drawing) {}

    default int readyLanes() {
        return (int) lanes().stream().filter(LaneLoad::ready).count();
    }
}
