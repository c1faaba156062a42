package io.wurstwerk.standalone.contract;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** A compacted topic that is written first and looked at last: brokers clean every fifteen seconds only. */
final class Compaction {
    private static final TopicPartition JOURNAL = new TopicPartition("contract.compacted", 0);

    private Compaction() {}

    static void begin(KafkaConversation part) throws Exception {
        part.topic(
                JOURNAL.topic(),
                Map.of("cleanup.policy", "compact", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.01"));
        try (KafkaProducer<String, String> owner = part.owner("compaction")) {
            owner.initTransactions();
            for (int word = 1; word <= 3; word++) {
                owner.beginTransaction();
                for (String job : List.of("one", "two", "three")) {
                    String value = job.equals("three") && word == 3 ? null : job + " " + word;
                    var _ = owner.send(KafkaConversation.record(JOURNAL, job, value));
                }
                owner.commitTransaction();
            }
        }
    }

    /** The active segment is never cleaned: the last record of all makes a new one. */
    static String end(KafkaConversation part) throws Exception {
        try (KafkaProducer<String, String> writer = part.producer(Map.of())) {
            writer.send(KafkaConversation.record(JOURNAL, "four", "four 1")).get(30, TimeUnit.SECONDS);
        }
        KafkaConversation.until(
                () -> part.values(JOURNAL, "read_committed").stream().noneMatch("one 1"::equals));
        Map<String, String> last = new TreeMap<>();
        for (ConsumerRecord<String, String> found : part.read(JOURNAL, "read_committed")) {
            last.put(found.key(), found.value());
        }
        return "the last words: " + last + "\nthe first words are gone";
    }
}
