package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.prompt.PromptRecords;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.Traceparent;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** Writes what is asked over HTTP into the topics, and returns when the broker has it. Thread-safe. */
final class Requests implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Requests.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final byte[] CANCEL = "{\"command\": \"cancel\"}".getBytes(UTF_8);

    private final Producer<String, byte[]> producer;
    private final Clock clock;

    Requests(Producer<String, byte[]> producer, Clock clock) {
        this.producer = producer;
        this.clock = clock;
    }

    /** @throws RefusedException when the broker does not take it in time; it may have it all the same */
    void submit(Origin origin, byte[] body) {
        ProducerRecord<String, byte[]> event = PromptRecords.of(origin, body, clock.instant());
        String trace = Traceparent.current();
        if (trace != null) {
            event.headers().add(Traceparent.HEADER, trace.getBytes(UTF_8));
        }
        write(event);
    }

    /** @throws RefusedException when the broker does not take it in time; it may have it all the same */
    void cancel(JobId job) {
        write(new ProducerRecord<>(Topic.COMMANDS.topicName(), job.value(), CANCEL));
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }

    private void write(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RefusedException.unavailable("this instance is stopping");
        } catch (ExecutionException | TimeoutException | KafkaException | IllegalStateException away) {
            LOG.warnf("a record for %s is not known to be written: %s", record.topic(), away.getClass());
            throw RefusedException.unavailable(
                    "Kafka did not take the request in time; it is safe to send it again with the same Idempotency-Key");
        }
    }
}
