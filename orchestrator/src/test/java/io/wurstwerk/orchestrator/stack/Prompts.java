package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A stranger that sends prompt events with a plain Kafka client. */
public final class Prompts implements AutoCloseable {

    private final KafkaProducer<byte[], byte[]> producer;

    public Prompts(String bootstrapServers) {
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.ACKS_CONFIG, "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Sends a CloudEvent in binary mode. */
    public void send(String id, String body) throws Exception {
        send(id, 0, body == null ? null : body.getBytes(UTF_8));
    }

    public void send(String id, int partition, byte[] body) throws Exception {
        send(
                Map.of(
                        "ce_specversion",
                        "1.0",
                        "ce_id",
                        id,
                        "ce_source",
                        "urn:test",
                        "ce_type",
                        "io.wurstwerk.image.requested.v1",
                        "content-type",
                        "application/json"),
                partition,
                body);
    }

    public RecordMetadata send(Map<String, String> headers, int partition, byte[] body) throws Exception {
        var record = new ProducerRecord<byte[], byte[]>("wurstwerk.prompts", partition, null, body);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        return producer.send(record).get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        producer.close();
    }
}
