package io.wurstwerk.standalone.contract;

import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.topic.Topics;
import io.wurstwerk.standalone.part.PartProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A Kafka with the topics of a Wurstwerk, as plain clients with the orchestrator's settings see it. */
final class KafkaConversation implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);
    static final int PARTITIONS = 3;

    final String servers;
    /** The processes of the brokers; none where they cannot be killed one by one. */
    final List<PartProcess> brokers;

    final Admin admin;
    /** What the orchestrator says about topics that it has made without a word about replicas. */
    final List<String> warnings;
    /** As many replicas as there should be. */
    final short replicas;

    private final AutoCloseable cluster;

    KafkaConversation(String servers, List<PartProcess> brokers, AutoCloseable cluster) throws Exception {
        this.servers = servers;
        this.brokers = brokers;
        this.cluster = cluster;
        this.admin = Admin.create(Map.of("bootstrap.servers", servers));
        this.replicas = (short) Math.max(1, brokers.size());
        this.warnings = new Topics(admin, PARTITIONS, (short) -1).ensure(LIMIT);
        Set<String> all = Arrays.stream(Topic.values()).map(Topic::topicName).collect(Collectors.toSet());
        admin.deleteTopics(all).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        until(() -> admin.listTopics()
                .names()
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .isEmpty());
        new Topics(admin, PARTITIONS, replicas).ensure(LIMIT);
        Compaction.begin(this);
    }

    /** Makes a topic of one partition, with the replicas that the orchestrator would ask for. */
    TopicPartition topic(String name, Map<String, String> settings) throws Exception {
        return topic(name, 1, settings);
    }

    TopicPartition topic(String name, int partitions, Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("min.insync.replicas", replicas > 1 ? "2" : "1");
        admin.createTopics(List.of(new NewTopic(name, partitions, replicas).configs(all)))
                .all()
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        TopicPartition first = new TopicPartition(name, 0);
        until(() -> leader(first) >= 0);
        return first;
    }

    /** Node id of the leader, or -1. */
    int leader(TopicPartition partition) throws Exception {
        try {
            Node leader = admin.describeTopics(List.of(partition.topic()))
                    .allTopicNames()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .get(partition.topic())
                    .partitions()
                    .get(partition.partition())
                    .leader();
            return leader == null ? -1 : leader.id();
        } catch (ExecutionException unknown) {
            return -1;
        }
    }

    /** How many brokers have everything that was written. */
    int inSync(TopicPartition partition) throws Exception {
        return admin.describeTopics(List.of(partition.topic()))
                .allTopicNames()
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .get(partition.topic())
                .partitions()
                .get(partition.partition())
                .isr()
                .size();
    }

    /** As the orchestrator writes, with these settings besides. */
    KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", servers);
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("linger.ms", 0);
        settings.put("request.timeout.ms", 5_000);
        settings.put("delivery.timeout.ms", 20_000);
        settings.put("max.block.ms", 10_000);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** As the owner of a partition writes. */
    KafkaProducer<String, String> owner(String transactionalId) {
        return producer(Map.of("transactional.id", transactionalId, "transaction.timeout.ms", 15_000));
    }

    KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", servers);
        settings.put("enable.auto.commit", false);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        settings.put("allow.auto.create.topics", false);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    /** A member of a group, as the engine is one. */
    KafkaConsumer<String, String> member(String group, String instance) {
        return consumer(Map.of(
                "group.id",
                group,
                "group.instance.id",
                instance,
                "session.timeout.ms",
                10_000,
                "heartbeat.interval.ms",
                500,
                "partition.assignment.strategy",
                CooperativeStickyAssignor.class.getName()));
    }

    /** Everything up to the end that such a reader sees now. */
    List<ConsumerRecord<String, String>> read(TopicPartition partition, String isolation) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (var consumer = consumer(Map.of("isolation.level", isolation))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long limit = System.nanoTime() + LIMIT.toNanos();
            while (consumer.position(partition) < end) {
                if (System.nanoTime() > limit) {
                    throw new IllegalStateException(partition + " cannot be read to " + end);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
        }
        return found;
    }

    List<String> values(TopicPartition partition, String isolation) {
        return read(partition, isolation).stream().map(ConsumerRecord::value).toList();
    }

    /** The end for readers of this isolation. */
    long end(TopicPartition partition, String isolation) {
        try (var consumer = consumer(Map.of("isolation.level", isolation))) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    /** Waits until readers see what has been decided: a commit is answered before the partitions' leaders are told. */
    void settle(TopicPartition... partitions) throws Exception {
        for (TopicPartition partition : partitions) {
            until(() -> end(partition, "read_committed") == end(partition, "read_uncommitted"));
        }
    }

    static ProducerRecord<String, String> record(TopicPartition partition, String key, String value) {
        return new ProducerRecord<>(partition.topic(), partition.partition(), key, value);
    }

    /** Something that is asked again until it is so. */
    interface Condition {
        boolean holds() throws Exception;
    }

    static void until(Condition condition) throws Exception {
        long limit = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > limit) {
                throw new IllegalStateException("it did not come about in " + LIMIT.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
    }

    /** The number of what was not ordered, else "in order". */
    static String order(List<String> values) {
        return IntStream.range(1, values.size())
                .filter(i -> Comparator.<String>naturalOrder().compare(values.get(i - 1), values.get(i)) >= 0)
                .mapToObj(i -> values.get(i) + " after " + values.get(i - 1))
                .findFirst()
                .orElse("in order");
    }

    @Override
    public void close() throws Exception {
        admin.close(Duration.ofSeconds(5));
        cluster.close();
    }
}
