package io.wurstwerk.orchestrator.ownership;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The engine's Kafka clients and the settings that keep its promise. */
public final class KafkaClients {
    private static final String GROUP = "wurstwerk-engine";
    private static final int TRANSACTION_LIMIT = 15_000;
    private static final int REQUEST_LIMIT = 5_000;
    private static final int DELIVERY_LIMIT = 20_000;

    private final Map<String, Object> common;
    private final Optional<String> instance;
    private final int sessionTimeout;

    /**
     * Opens nothing.
     *
     * @param common where the brokers are and how to reach them
     * @param instance name for static membership
     * @param sessionTimeout milliseconds after which a silent member loses its partitions
     */
    public KafkaClients(Map<String, Object> common, Optional<String> instance, int sessionTimeout) {
        this.common = Map.copyOf(common);
        this.instance = instance;
        this.sessionTimeout = sessionTimeout;
    }

    /** The member of the group that owns what it is assigned. */
    Consumer<String, byte[]> member() {
        Map<String, Object> settings = reading();
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, sessionTimeout);
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.max(200, sessionTimeout / 4));
        settings.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        instance.ifPresent(name -> settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, name + "-engine"));
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** A consumer of partitions that it is told to read; belongs to no group. */
    public Consumer<String, byte[]> reader(int records) {
        Map<String, Object> settings = reading();
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, records);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The only producer that may write answers and journal of a partition; a new one fences the one before. */
    Producer<String, byte[]> owner(int partition) {
        Map<String, Object> settings = writing();
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP + "-" + partition);
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_LIMIT);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** Writes checkpoints, which nobody waits for. */
    Producer<String, byte[]> checkpoints() {
        return new KafkaProducer<>(writing(), new StringSerializer(), new ByteArraySerializer());
    }

    /** Loses rather than waits. */
    public Producer<String, byte[]> progress() {
        var settings = new HashMap<>(common);
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 10);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 50);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 1_048_576L);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** Writes prompt events and commands for callers who wait for the broker's word, but not for long. */
    public Producer<String, byte[]> requests() {
        Map<String, Object> settings = writing();
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, REQUEST_LIMIT);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_LIMIT);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_LIMIT);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> reading() {
        var settings = new HashMap<>(common);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * REQUEST_LIMIT);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_LIMIT);
        return settings;
    }

    private Map<String, Object> writing() {
        var settings = new HashMap<>(common);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_LIMIT);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_LIMIT);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2 * REQUEST_LIMIT);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L << 20);
        return settings;
    }
}
