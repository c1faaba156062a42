package io.wurstwerk.standalone.contract;

import static io.wurstwerk.standalone.contract.KafkaConversation.record;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** What Kafka is asked. Each case has topics of its own. */
final class KafkaCases {
    private static final String COMMITTED = "read_committed";
    private static final String UNCOMMITTED = "read_uncommitted";

    private KafkaCases() {}

    static List<ContractCase<KafkaConversation>> all() {
        return List.of(
                new ContractCase<>("the topics of a Wurstwerk are made", KafkaCases::topics),
                new ContractCase<>("replicas of the topics", KafkaCases::replicas),
                new ContractCase<>("two make the same topics at once", KafkaCases::together),
                new ContractCase<>("a topic that is not there", KafkaCases::missing),
                new ContractCase<>("keys, headers, times and deletions", KafkaCases::faithful),
                new ContractCase<>("a record larger than its topic takes", KafkaCases::large),
                new ContractCase<>("a transaction over two topics is taken back, the next is not", KafkaCases::aborted),
                new ContractCase<>("a transaction that is open holds back what follows it", KafkaCases::open),
                new ContractCase<>("an owner is followed by another", KafkaCases::fenced),
                new ContractCase<>("an owner dies with a transaction open, another follows", KafkaCases::abandoned),
                new ContractCase<>("positions are committed", KafkaCases::positions),
                new ContractCase<>("two members share the partitions, one leaves", KafkaCases::shared),
                new ContractCase<>("a member comes back under its name", KafkaCases::back),
                new ContractCase<>("two members have one name", KafkaCases::namesakes),
                new ContractCase<>("the leader is killed while records are written", Failover::leader),
                new ContractCase<>("the coordinator of an open transaction is killed", Failover::coordinator),
                new ContractCase<>("two of three brokers are killed", Failover::minority),
                new ContractCase<>("a compacted topic is cleaned", Compaction::end));
    }

    private static String topics(KafkaConversation part) throws Exception {
        List<String> told = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
            var config = part.admin
                    .describeConfigs(List.of(resource))
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .get(resource);
            told.add(topic.topicName() + " "
                    + List.of(
                                    "cleanup.policy",
                                    "retention.ms",
                                    "segment.ms",
                                    "min.compaction.lag.ms",
                                    "max.message.bytes")
                            .stream()
                            .map(name -> name + "=" + config.get(name).value())
                            .collect(Collectors.joining(" ")));
        }
        return String.join("\n", told);
    }

    private static String replicas(KafkaConversation part) throws Exception {
        Set<String> told = new TreeSet<>();
        for (Topic topic : Topic.values()) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
            String least = part.admin
                    .describeConfigs(List.of(resource))
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .get(resource)
                    .get("min.insync.replicas")
                    .value();
            part.admin
                    .describeTopics(List.of(topic.topicName()))
                    .allTopicNames()
                    .get(30, TimeUnit.SECONDS)
                    .get(topic.topicName())
                    .partitions()
                    .forEach(partition ->
                            told.add(partition.replicas().size() + " replicas, min.insync.replicas " + least));
        }
        return "asked for: " + told + "\nnot asked for: "
                + part.warnings.stream()
                        .map(warning -> warning.substring(0, warning.indexOf(':')))
                        .collect(Collectors.joining("\n"));
    }

    private static String together(KafkaConversation part) throws Exception {
        part.admin.deleteTopics(List.of(Topic.PARKED.topicName())).all().get(30, TimeUnit.SECONDS);
        KafkaConversation.until(
                () -> !part.admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(Topic.PARKED.topicName()));
        Callable<List<String>> ensure = () ->
                new Topics(part.admin, KafkaConversation.PARTITIONS, part.replicas).ensure(KafkaConversation.LIMIT);
        try (var threads = Executors.newFixedThreadPool(2)) {
            List<String> told = new ArrayList<>();
            for (var one : threads.invokeAll(List.of(ensure, ensure))) {
                told.add("done " + one.get(60, TimeUnit.SECONDS));
            }
            return String.join("\n", told) + "\n"
                    + part.admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(Topic.PARKED.topicName());
        }
    }

    private static String missing(KafkaConversation part) throws Exception {
        String written;
        try (KafkaProducer<String, String> producer = part.producer(Map.of("max.block.ms", 1_000))) {
            written = failure(() ->
                    producer.send(new ProducerRecord<>("contract.missing", "x")).get());
        }
        String described = failure(() -> part.admin
                .describeTopics(List.of("contract.missing"))
                .allTopicNames()
                .get());
        return "written to: " + written + "\ndescribed: " + described + "\nmade by that: "
                + part.admin.listTopics().names().get(30, TimeUnit.SECONDS).contains("contract.missing");
    }

    private static String faithful(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.faithful", Map.of());
        try (KafkaProducer<String, String> producer = part.producer(Map.of())) {
            var record = new ProducerRecord<>(topic.topic(), 0, 1_234_567L, "schlüssel", "wert");
            record.headers()
                    .add("ce_id", "ä".getBytes(UTF_8))
                    .add("twice", "1".getBytes(UTF_8))
                    .add("twice", "2".getBytes(UTF_8))
                    .add("none", null);
            producer.send(record).get(30, TimeUnit.SECONDS);
            producer.send(record(topic, "schlüssel", null)).get(30, TimeUnit.SECONDS);
        }
        return part.read(topic, COMMITTED).stream()
                .map(found -> found.offset() + " " + found.key() + " " + found.value()
                        + (found.value() == null ? "" : " at " + found.timestamp()) + " " + found.timestampType() + " "
                        + headers(found))
                .collect(Collectors.joining("\n"));
    }

    private static String headers(ConsumerRecord<String, String> found) {
        return StreamSupport.stream(found.headers().spliterator(), false)
                .map(header -> header.key() + "=" + (header.value() == null ? null : new String(header.value(), UTF_8)))
                .toList()
                .toString();
    }

    private static String large(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.large", Map.of("max.message.bytes", "2097152"));
        try (KafkaProducer<String, String> producer =
                part.producer(Map.of("max.request.size", 4 << 20, "buffer.memory", 16L << 20))) {
            String fits = failure(() ->
                    producer.send(record(topic, "k", "x".repeat(2_000_000))).get());
            String over = failure(() ->
                    producer.send(record(topic, "k", "x".repeat(2_097_152))).get());
            return "2000000 characters: " + fits + "\n2097152 characters: " + over + "\nread: "
                    + part.values(topic, COMMITTED).stream().map(String::length).toList();
        }
    }

    private static String aborted(KafkaConversation part) throws Exception {
        TopicPartition answers = part.topic("contract.answers", Map.of());
        TopicPartition journal = part.topic("contract.journal", Map.of());
        try (KafkaProducer<String, String> owner = part.owner("contract-aborted")) {
            owner.initTransactions();
            owner.beginTransaction();
            owner.send(record(answers, "job", "taken back")).get(30, TimeUnit.SECONDS);
            owner.send(record(journal, "job", "taken back")).get(30, TimeUnit.SECONDS);
            owner.abortTransaction();
            owner.beginTransaction();
            owner.send(record(answers, "job", "kept")).get(30, TimeUnit.SECONDS);
            owner.send(record(journal, "job", "kept")).get(30, TimeUnit.SECONDS);
            owner.commitTransaction();
        }
        part.settle(answers, journal);
        return COMMITTED + " " + part.values(answers, COMMITTED) + " " + part.values(journal, COMMITTED) + "\n"
                + UNCOMMITTED + " " + part.values(answers, UNCOMMITTED) + " " + part.values(journal, UNCOMMITTED);
    }

    private static String open(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.open", Map.of());
        try (KafkaProducer<String, String> owner = part.owner("contract-open");
                KafkaProducer<String, String> other = part.producer(Map.of())) {
            owner.initTransactions();
            owner.beginTransaction();
            owner.send(record(topic, "job", "in the transaction")).get(30, TimeUnit.SECONDS);
            other.send(record(topic, "job", "beside it")).get(30, TimeUnit.SECONDS);
            String before = "open: " + part.values(topic, COMMITTED) + ", end " + part.end(topic, COMMITTED) + " of "
                    + part.end(topic, UNCOMMITTED);
            owner.commitTransaction();
            part.settle(topic);
            return before + "\ncommitted: " + part.values(topic, COMMITTED) + ", end " + part.end(topic, COMMITTED)
                    + " of " + part.end(topic, UNCOMMITTED);
        }
    }

    private static String fenced(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.fenced", Map.of());
        try (KafkaProducer<String, String> old = part.owner("contract-fenced");
                KafkaProducer<String, String> young = part.owner("contract-fenced")) {
            old.initTransactions();
            commit(old, record(topic, "job", "by the old owner"));
            young.initTransactions();
            String late = failure(() -> {
                commit(old, record(topic, "job", "late by the old owner"));
                return null;
            });
            commit(young, record(topic, "job", "by the young owner"));
            part.settle(topic);
            return "the old one: " + late + "\n" + COMMITTED + " " + part.values(topic, COMMITTED);
        }
    }

    private static void commit(KafkaProducer<String, String> owner, ProducerRecord<String, String> record)
            throws Exception {
        owner.beginTransaction();
        owner.send(record).get(30, TimeUnit.SECONDS);
        owner.commitTransaction();
    }

    private static String abandoned(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.abandoned", Map.of());
        try (KafkaProducer<String, String> old = part.owner("contract-abandoned");
                KafkaProducer<String, String> young = part.owner("contract-abandoned")) {
            old.initTransactions();
            old.beginTransaction();
            old.send(record(topic, "job", "never committed")).get(30, TimeUnit.SECONDS);
            // initTransactions returns when the transaction before it has been ended.
            young.initTransactions();
            String end = "end " + part.end(topic, COMMITTED) + " of " + part.end(topic, UNCOMMITTED);
            commit(young, record(topic, "job", "by the young owner"));
            String late = failure(() -> {
                old.commitTransaction();
                return null;
            });
            part.settle(topic);
            return end + "\nthe old one's commit: " + late + "\n" + COMMITTED + " " + part.values(topic, COMMITTED);
        }
    }

    private static String positions(KafkaConversation part) throws Exception {
        TopicPartition topic = part.topic("contract.positions", Map.of());
        try (KafkaProducer<String, String> producer = part.producer(Map.of())) {
            for (int i = 0; i < 5; i++) {
                producer.send(record(topic, "k", "record " + i)).get(30, TimeUnit.SECONDS);
            }
        }
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> first = part.member("contract-positions", "first")) {
            first.subscribe(List.of(topic.topic()));
            poll(first, () -> read.size() >= 5, read);
            first.commitSync(Map.of(topic, new OffsetAndMetadata(3)));
            first.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
        }
        List<String> again = new ArrayList<>();
        try (KafkaConsumer<String, String> second = part.member("contract-positions", "second")) {
            second.subscribe(List.of(topic.topic()));
            poll(second, () -> again.size() >= 2, again);
            return "the first: " + read + "\nthe next: " + again + "\ncommitted "
                    + second.committed(Set.of(topic)).get(topic).offset();
        }
    }

    private static String shared(KafkaConversation part) throws Exception {
        part.topic("contract.shared", 4, Map.of());
        try (KafkaConsumer<String, String> one = part.member("contract-shared", "one");
                KafkaConsumer<String, String> two = part.member("contract-shared", "two")) {
            one.subscribe(List.of("contract.shared"));
            two.subscribe(List.of("contract.shared"));
            poll(
                    List.of(one, two),
                    () -> one.assignment().size() == 2 && two.assignment().size() == 2);
            Set<TopicPartition> both = new HashSet<>(one.assignment());
            both.addAll(two.assignment());
            two.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
            poll(List.of(one), () -> one.assignment().size() == 4);
            return "each has 2, both have " + both.size() + "\none alone has "
                    + one.assignment().size();
        }
    }

    private static String back(KafkaConversation part) throws Exception {
        part.topic("contract.back", 4, Map.of());
        try (KafkaConsumer<String, String> stays = part.member("contract-back", "stays")) {
            stays.subscribe(List.of("contract.back"));
            Set<TopicPartition> before;
            Set<TopicPartition> others;
            try (KafkaConsumer<String, String> goes = part.member("contract-back", "goes")) {
                goes.subscribe(List.of("contract.back"));
                poll(
                        List.of(stays, goes),
                        () -> stays.assignment().size() == 2
                                && goes.assignment().size() == 2);
                before = Set.copyOf(goes.assignment());
                others = Set.copyOf(stays.assignment());
                // As a killed process: it does not take its leave.
                goes.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));
            }
            try (KafkaConsumer<String, String> again = part.member("contract-back", "goes")) {
                again.subscribe(List.of("contract.back"));
                poll(List.of(stays, again), () -> again.assignment().size() == 2);
                return "the same partitions: " + again.assignment().equals(before) + "\nthe others stayed: "
                        + stays.assignment().equals(others);
            }
        }
    }

    private static String namesakes(KafkaConversation part) throws Exception {
        part.topic("contract.namesakes", Map.of());
        try (KafkaConsumer<String, String> old = part.member("contract-namesakes", "name");
                KafkaConsumer<String, String> young = part.member("contract-namesakes", "name")) {
            old.subscribe(List.of("contract.namesakes"));
            poll(List.of(old), () -> old.assignment().size() == 1);
            young.subscribe(List.of("contract.namesakes"));
            poll(List.of(young), () -> young.assignment().size() == 1);
            String end = failure(() -> {
                poll(List.of(old), () -> false);
                return null;
            });
            return "the young one has " + young.assignment().size() + "\nthe old one: " + end;
        }
    }

    private static void poll(
            KafkaConsumer<String, String> consumer, KafkaConversation.Condition done, List<String> into)
            throws Exception {
        KafkaConversation.until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(found -> into.add(found.value()));
            return done.holds();
        });
    }

    private static void poll(List<KafkaConsumer<String, String>> consumers, KafkaConversation.Condition done)
            throws Exception {
        KafkaConversation.until(() -> {
            consumers.forEach(consumer -> consumer.poll(Duration.ofMillis(50)));
            return done.holds();
        });
    }

    /** What came of it, by the name of the exception. */
    static String failure(Callable<?> work) throws Exception {
        try {
            work.call();
            return "done";
        } catch (ExecutionException refused) {
            return refused.getCause().getClass().getSimpleName();
        } catch (RuntimeException refused) {
            return refused.getClass().getSimpleName();
        }
    }
}
