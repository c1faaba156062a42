package io.wurstwerk.standalone.contract;

import static io.wurstwerk.standalone.contract.KafkaConversation.record;

import io.wurstwerk.standalone.part.PartProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** What happens to writers when brokers die. Where there is one broker only there is nothing to see. */
final class Failover {
    private static final String ALONE = "not asked: brokers cannot be killed one by one here";
    private static final String COMMITTED = "read_committed";

    private Failover() {}

    static String leader(KafkaConversation part) throws Exception {
        if (part.brokers.isEmpty()) {
            return ALONE;
        }
        TopicPartition topic = part.topic("contract.leader", Map.of());
        List<Future<RecordMetadata>> written = new ArrayList<>();
        int old = part.leader(topic);
        try (KafkaProducer<String, String> producer = part.producer(Map.of("delivery.timeout.ms", 60_000))) {
            for (int i = 0; i < 300; i++) {
                written.add(producer.send(record(topic, "k", number(i))));
                if (i == 100) {
                    written.get(50).get(30, TimeUnit.SECONDS);
                    broker(part, old).kill();
                }
            }
            for (Future<RecordMetadata> one : written) {
                one.get(90, TimeUnit.SECONDS);
            }
        }
        List<String> values = part.values(topic, COMMITTED);
        String told = "acknowledged " + written.size() + "\nread " + values.size() + ", "
                + KafkaConversation.order(values) + "\nanother leader: " + (part.leader(topic) != old);
        revive(part, List.of(old));
        KafkaConversation.until(() -> part.inSync(topic) == 3);
        return told + "\nstarted again: 3 in sync";
    }

    static String coordinator(KafkaConversation part) throws Exception {
        if (part.brokers.isEmpty()) {
            return ALONE;
        }
        TopicPartition topic = part.topic("contract.coordinator", Map.of());
        String id = "contract-coordinator";
        // Longer than brokers take to agree on another coordinator, which would end a transaction of the owners'
        // length.
        try (KafkaProducer<String, String> owner =
                part.producer(Map.of("transactional.id", id, "transaction.timeout.ms", 120_000))) {
            owner.initTransactions();
            owner.beginTransaction();
            owner.send(record(topic, "job", "before the kill")).get(30, TimeUnit.SECONDS);
            int coordinator = part.admin
                    .describeTransactions(List.of(id))
                    .description(id)
                    .get(30, TimeUnit.SECONDS)
                    .coordinatorId();
            broker(part, coordinator).kill();
            owner.send(record(topic, "job", "after it")).get(60, TimeUnit.SECONDS);
            String committed = "TimeoutException";
            // A commit that is not answered within max.block.ms may be asked for again.
            for (int tries = 0; tries < 6 && committed.equals("TimeoutException"); tries++) {
                committed = KafkaCases.failure(() -> {
                    owner.commitTransaction();
                    return null;
                });
            }
            part.settle(topic);
            String told = "commit: " + committed + "\n" + COMMITTED + " " + part.values(topic, COMMITTED);
            revive(part, List.of(coordinator));
            return told;
        }
    }

    static String minority(KafkaConversation part) throws Exception {
        if (part.brokers.isEmpty()) {
            return ALONE;
        }
        TopicPartition topic = part.topic("contract.minority", Map.of());
        int leader = part.leader(topic);
        List<Integer> dead =
                List.of(1, 2, 3).stream().filter(node -> node != leader).toList();
        try (KafkaProducer<String, String> producer =
                part.producer(Map.of("delivery.timeout.ms", 6_000, "max.block.ms", 6_000))) {
            producer.send(record(topic, "k", number(0))).get(30, TimeUnit.SECONDS);
            dead.forEach(node -> broker(part, node).kill());
            String refused = KafkaCases.failure(
                    () -> producer.send(record(topic, "k", number(1))).get());
            revive(part, dead);
            KafkaConversation.until(() -> part.inSync(topic) == 3);
            try (KafkaProducer<String, String> another = part.producer(Map.of())) {
                another.send(record(topic, "k", number(2))).get(30, TimeUnit.SECONDS);
            }
            List<String> values = part.values(topic, COMMITTED);
            return "one broker left: " + refused + "\nall back, what was acknowledged is there: "
                    + (values.contains(number(0)) && values.contains(number(2)));
        }
    }

    private static void revive(KafkaConversation part, List<Integer> nodes) throws Exception {
        for (int node : nodes) {
            broker(part, node).start();
        }
        for (int node : nodes) {
            broker(part, node).awaitReady();
        }
    }

    private static PartProcess broker(KafkaConversation part, int node) {
        return part.brokers.get(node - 1);
    }

    private static String number(int i) {
        return String.format(Locale.ROOT, "record %03d", i);
    }
}
