package io.wurstwerk.orchestrator.api;

import io.smallrye.common.annotation.Identifier;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.host.EngineHost;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.prompt.Intake;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.tenancy.Quotas;
import io.wurstwerk.orchestrator.view.JobJson;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.orchestrator.view.ViewHost;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Pipeline;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Puts the parts of the API together. */
@Dependent
final class ApiBeans {

    private static final int SESSION = 10_000;

    @Produces
    @Singleton
    Requests requests(@Identifier("default-kafka-broker") Map<String, Object> kafka, Clock clock) {
        return new Requests(
                new KafkaClients(kafka, Optional.empty(), SESSION, KafkaClients.Limits.DEFAULT).requests(), clock);
    }

    void close(@Disposes Requests requests) {
        requests.close();
    }

    @Produces
    @Singleton
    Reception reception(
            Intake intake, JobView view, Requests requests, Quotas quotas, RandomGenerator random, ApiConfig config) {
        return new Reception(intake, view, requests, quotas, random, config.openJobs(), config.waiting());
    }

    @Produces
    @Singleton
    JobLookup lookup(JobView view, JobJson json, ImageStore store, ViewHost host, Clock clock, ApiConfig config) {
        return new JobLookup(view, json, store, host::caughtUp, config.unknownJobPatience(), clock);
    }

    @Produces
    @Singleton
    Capacity capacity(Fleet fleet, EngineHost engine) {
        return new FleetCapacity(fleet, engine);
    }

    private record FleetCapacity(Fleet fleet, EngineHost engine) implements Capacity {
        @Override
        public Optional<Catalog> catalog() {
            try {
                return Optional.of(fleet.catalog());
            } catch (IllegalStateException notMet) {
                return Optional.empty();
            }
        }

        @Override
        public double seconds(ImageOrder order) {
            return engine.predictedSeconds(order);
        }

        /** Lanes by number: where model servers stand is nothing that a tenant needs to know. */
        @Override
        public List<LaneLoad> lanes() {
            List<LaneLoad> loads = new ArrayList<>();
            for (String endpoint : fleet.endpoints()) {
                String pipeline =
                        fleet.current(endpoint).map(Pipeline::fingerprint).orElse(null);
                loads.add(new LaneLoad(
                        Integer.toString(loads.size()), pipeline != null, pipeline, engine.drawingOn(endpoint)));
            }
            return loads;
        }
    }
}
