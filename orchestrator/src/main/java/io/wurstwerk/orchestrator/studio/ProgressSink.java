package io.wurstwerk.orchestrator.studio;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** Sends what it can and forgets the rest: nobody waits for progress, and a drawing must not either. Thread-safe. */
public final class ProgressSink implements Consumer<ProducerRecord<String, byte[]>>, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ProgressSink.class);

    private final Producer<String, byte[]> producer;

    public ProgressSink(Producer<String, byte[]> producer) {
        this.producer = producer;
    }

    @Override
    public void accept(ProducerRecord<String, byte[]> event) {
        try {
            var _ = producer.send(event);
        } catch (KafkaException | IllegalStateException lost) {
            LOG.debugf("a progress event is lost: %s", lost.getClass());
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
