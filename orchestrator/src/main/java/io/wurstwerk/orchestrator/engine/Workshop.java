package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.store.ImageStore;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What every image is made with.
 *
 * @param places as many permits as images may be drawn at once; fair
 * @param progress takes progress events without waiting for anybody
 * @param backoff between two tries during an outage
 */
record Workshop(
        Lane lane,
        ImageStore store,
        Semaphore places,
        Consumer<ProducerRecord<String, byte[]>> progress,
        Backoff backoff,
        Clock clock,
        EngineMetrics metrics) {}
