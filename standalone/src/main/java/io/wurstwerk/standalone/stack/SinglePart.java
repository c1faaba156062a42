package io.wurstwerk.standalone.stack;

import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;

/** One part of a stack in a process of its own. Ports and folders are those of a whole stack. */
public enum SinglePart {
    BROKER,
    STORE,
    WORKER,
    ORCHESTRATOR;

    /**
     * Starts the part.
     *
     * @param instance name of an orchestrator, unique among those that run
     * @param more settings of an orchestrator that beat those of a stack
     */
    public AutoCloseable start(Path data, Path repository, Ports ports, String instance, Map<String, String> more)
            throws IOException, InterruptedException {
        return switch (this) {
            case BROKER -> KafkaBroker.start(data.resolve("kafka"), ports);
            case STORE -> ImageStore.start(data.resolve("store"), ports, Credentials.in(data, new SecureRandom()));
            case WORKER ->
                Worker.start(WorkerOptions.of(repository)
                        .withGrpcPort(ports.triton())
                        .withHttpPort(ports.health())
                        .withMetricsPort(ports.metrics()));
            case ORCHESTRATOR -> {
                Map<String, String> settings = new LinkedHashMap<>(Stack.configuration(
                        repository,
                        ports,
                        Ports.HOST + ":" + ports.kafka(),
                        "http://" + Ports.HOST + ":" + ports.store(),
                        Credentials.in(data, new SecureRandom())));
                settings.put("wurstwerk.kafka.instance", instance);
                settings.put("wurstwerk.engine.session-timeout", "PT6S");
                settings.put("mp.messaging.incoming.prompts.session.timeout.ms", "6000");
                settings.put("mp.messaging.incoming.prompts.heartbeat.interval.ms", "1500");
                settings.putAll(more);
                yield Orchestrator.start(settings, "http://" + Ports.HOST + ":" + ports.http());
            }
        };
    }
}
