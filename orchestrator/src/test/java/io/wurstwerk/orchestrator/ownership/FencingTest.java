package io.wurstwerk.orchestrator.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.engine.Ports.Entry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.EmbeddedKafka;
import io.wurstwerk.orchestrator.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two owners of one partition at a genuine broker: what the group's members believe does not matter here. */
class FencingTest {
    private static final int PARTITION = 1;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    static Path folder;

    private static EmbeddedKafka kafka;

    private Peer old;
    private Peer young;

    @BeforeAll
    static void start() throws Exception {
        kafka = new EmbeddedKafka(folder.resolve("kafka"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            new Topics(admin, 3, (short) -1).ensure(Duration.ofSeconds(30));
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @BeforeEach
    void meet() {
        old = new Peer();
        young = new Peer();
    }

    @AfterEach
    void part() {
        old.log.close();
        young.log.close();
    }

    @Test
    void aZombiesAnswerIsRefusedByTheBrokerAndNobodySeesIt() throws Exception {
        JobId job = job("zombie");
        old.open(1);
        assertThat(old.commit(1, 1, answer(job, "by the old owner"))).isInstanceOf(Event.Committed.class);
        JobId late = job("late");
        young.open(1);
        assertThat(old.commit(1, 2, answer(late, "by the old owner")))
                .isEqualTo(new Event.CommitFailed(PARTITION, 1, 2, true));
        assertThat(young.commit(1, 1, answer(late, "by the young owner"))).isInstanceOf(Event.Committed.class);
        assertThat(answers(late)).containsExactly("cancelled by the young owner");
        assertThat(answers(job)).containsExactly("cancelled by the old owner");
    }

    @Test
    void anOwnershipThatWasReopenedInTheSameProcessFencesTheOneBefore() throws Exception {
        old.open(1);
        Event.Opened again = old.open(2);
        assertThat(again.epoch()).isEqualTo(2);
        assertThat(old.commit(2, 1, answer(job("again"), "once"))).isInstanceOf(Event.Committed.class);
        old.log.commit(PARTITION, 1, 7, answer(job("again"), "twice"));
        assertThat(answers(job("again"))).containsExactly("cancelled once");
    }

    @Test
    void aTakeoverReadsAllThatWasCommittedAndTheLatestWordOfEachJobOnly() throws Exception {
        JobId open = job("replayed");
        JobId forgotten = job("forgotten");
        var closed = new JournalEntry.Closed(BodyHash.of(new byte[] {1}), "completed", NOW);
        old.open(1);
        old.commit(
                1,
                1,
                List.of(
                        new Entry.Journal(open, new JournalEntry.CancelledUnseen(NOW)),
                        new Entry.Journal(forgotten, closed)));
        old.commit(1, 2, List.of(new Entry.Journal(open, closed), new Entry.Journal(forgotten, null)));
        old.log.checkpoint(PARTITION, 1, open + "/0", new byte[] {1});
        old.log.checkpoint(PARTITION, 1, open + "/1", new byte[] {2});
        old.commit(1, 3, List.of(new Entry.Tombstone(open + "/0")));
        old.log.close(PARTITION, 1);
        old.await(Event.Closed.class);
        Event.Opened opened = young.open(1);
        assertThat(opened.journal().answered(open)).isTrue();
        assertThat(opened.journal().answered(forgotten)).isFalse();
        assertThat(opened.journal().open()).isEmpty();
        assertThat(opened.journal().cancelled()).isEmpty();
        assertThat(opened.checkpoints())
                .filteredOn(raw -> raw.key().startsWith(open.value()))
                .singleElement()
                .satisfies(raw -> {
                    assertThat(raw.key()).isEqualTo(open + "/1");
                    assertThat(raw.value()).containsExactly(2);
                });
    }

    @Test
    void aJournalEntryOfANewerVersionLeavesThePartitionClosedInsteadOfGuessing() throws Exception {
        write("jobs", 2, job("newer").value(), "{\"v\":2}");
        young.log.open(2, 1);
        assertThat(young.next()).isEqualTo(new Event.OpenFailed(2, 1));
    }

    @Test
    void givingUpOneOwnershipLeavesTheOthersAlone() throws Exception {
        young.open(5);
        young.log.close(0, 6);
        assertThat(young.await(Event.Closed.class)).isEqualTo(new Event.Closed(0, 6));
        assertThat(young.commit(5, 1, answer(job("untouched"), "still here"))).isInstanceOf(Event.Committed.class);
    }

    private static JobId job(String id) {
        return JobId.of(new Origin("default", "urn:fencing", id));
    }

    private static List<Entry> answer(JobId job, String by) {
        return List.of(new Entry.Answer(new Terminal.Cancelled(job, new Origin("default", "urn:fencing", by)), null));
    }

    private static List<String> answers(JobId job) throws Exception {
        try (var answers = new Answers(kafka.bootstrapServers(), "wurstwerk.images", 3)) {
            return answers.all().stream()
                    .filter(answer -> answer.key().equals(job.value()))
                    .map(answer -> answer.state() + " "
                            + answer.data().at("/request/id").textValue())
                    .toList();
        }
    }

    private static void write(String topic, int partition, String key, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            "wurstwerk." + topic, partition, key, value.getBytes(StandardCharsets.UTF_8)))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    /** A process that does not ask the group whether it owns what it writes to. */
    private static final class Peer {
        final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
        final KafkaLog log = new KafkaLog(
                new KafkaClients(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        Optional.empty(),
                        6_000,
                        KafkaClients.Limits.DEFAULT),
                events::add,
                Clock.systemUTC());

        Event.Opened open(long epoch) throws Exception {
            log.open(PARTITION, epoch);
            return await(Event.Opened.class);
        }

        Event commit(long epoch, long transaction, List<Entry> entries) throws Exception {
            log.commit(PARTITION, epoch, transaction, entries);
            return next();
        }

        Event next() throws Exception {
            Event event = events.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("an event within 60 s").isNotNull();
            return event;
        }

        <T extends Event> T await(Class<T> kind) throws Exception {
            Event event = next();
            assertThat(event).isInstanceOf(kind);
            return kind.cast(event);
        }
    }
}
