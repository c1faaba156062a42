package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.engine.Ports.Entry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.topic.KafkaTrouble;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.orchestrator.trace.Step;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one ownership, one after the other, on a thread of their own: Kafka's commit waits. The producer
 * of the ownership before is fenced before the first question is asked of the logs.
 */
final class PartitionWriter {
    private static final Logger LOG = Logger.getLogger(PartitionWriter.class);

    private final int partition;
    private final long epoch;
    private final KafkaClients clients;
    private final LogReader reader;
    private final Consumer<Event> events;
    private final Clock clock;
    private final AnswerArchive archive;
    private final LogMeters meters;
    private final JobTraces traces;
    private final ExecutorService thread;
    private @Nullable Producer<String, byte[]> producer;

    PartitionWriter(
            int partition,
            long epoch,
            KafkaClients clients,
            LogReader reader,
            Consumer<Event> events,
            Clock clock,
            AnswerArchive archive,
            LogMeters meters,
            JobTraces traces) {
        this.meters = meters;
        this.traces = traces;
        this.partition = partition;
        this.epoch = epoch;
        this.clients = clients;
        this.reader = reader;
        this.events = events;
        this.clock = clock;
        this.archive = archive;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("partition-" + partition + "-" + epoch).factory());
    }

    int partition() {
        return partition;
    }

    /**
     * Fences, replays and says what was found.
     *
     * @param then runs after {@link Event.Opened} was said
     */
    void open(Runnable then) {
        run(() -> {
            try {
                Producer<String, byte[]> fresh = clients.owner(partition);
                producer = fresh;
                fresh.initTransactions();
                events.accept(Replaying.of(clients, partition, epoch));
                then.run();
            } catch (RuntimeException failure) {
                LOG.errorf("partition %d cannot be opened: %s; trying again", partition, KafkaTrouble.words(failure));
                closeProducer();
                events.accept(new Event.OpenFailed(partition, epoch));
            }
        });
    }

    void commit(long transaction, List<Entry> entries) {
        run(() -> {
            Producer<String, byte[]> writer = producer;
            if (writer == null) {
                events.accept(new Event.CommitFailed(partition, epoch, transaction, false));
                return;
            }
            archive(entries);
            long start = System.nanoTime();
            List<Step> publications = new ArrayList<>();
            try {
                writer.beginTransaction();
                for (Entry entry : entries) {
                    var _ = writer.send(record(entry, publications));
                }
                writer.commitTransaction();
                meters.committed(Duration.ofNanos(System.nanoTime() - start));
                publications.forEach(Step::close);
                events.accept(new Event.Committed(partition, epoch, transaction));
            } catch (RuntimeException failure) {
                boolean fenced = fenced(failure);
                meters.failed(Duration.ofNanos(System.nanoTime() - start), fenced);
                for (Step publication : publications) {
                    publication.failed(fenced ? "fenced" : "unknown");
                    publication.close();
                }
                LOG.warnf(
                        "a transaction of partition %d %s: %s",
                        partition,
                        fenced ? "was refused, another owner is there" : "has no known outcome",
                        KafkaTrouble.words(failure));
                events.accept(new Event.CommitFailed(partition, epoch, transaction, fenced));
            }
        });
    }

    /** Whoever reads an answer may look for its copy at once. */
    private void archive(List<Entry> entries) {
        var answers = new LinkedHashMap<Terminal, byte[]>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Answer(var state, var _)) {
                answers.put(state, EventJson.terminal(state));
            }
        }
        if (!answers.isEmpty()) {
            archive.keep(answers);
        }
    }

    /** Ends the ownership once everything before is done. */
    void close(Runnable then) {
        run(() -> {
            closeProducer();
            then.run();
        });
        thread.shutdown();
    }

    /** Ends the ownership without waiting for anything. */
    void abandon() {
        thread.shutdownNow();
        Thread.ofVirtual().start(this::closeProducer);
    }

    private synchronized void closeProducer() {
        Producer<String, byte[]> open = producer;
        producer = null;
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }

    private void run(Runnable work) {
        try {
            thread.execute(work);
        } catch (RejectedExecutionException over) {
            LOG.debugf("partition %d epoch %d is over", partition, epoch);
        }
    }

    /** @param publications takes what is to be closed at the end of the transaction */
    private ProducerRecord<String, byte[]> record(Entry entry, List<Step> publications) {
        return switch (entry) {
            case Entry.Answer(var state, var trace) -> {
                Step publication = traces.publishing(state, Topic.IMAGES.topicName(), trace);
                publications.add(publication);
                yield EventRecords.terminal(state, clock.instant(), publication.traceparent());
            }
            case Entry.Journal(JobId job, JournalEntry written) ->
                new ProducerRecord<>(
                        Topic.JOBS.topicName(), partition, job.value(), written == null ? null : json(written));
            case Entry.Tombstone(String key) ->
                new ProducerRecord<>(Topic.CHECKPOINTS.topicName(), partition, key, null);
            case Entry.Parked(JobId job, long offset, String reason) -> parked(job, offset, reason);
        };
    }

    private byte[] json(JournalEntry written) {
        return written instanceof JournalEntry.Open(var state)
                ? JournalJson.write(written, traces.journalled(state.job()))
                : JournalJson.write(written);
    }

    private ProducerRecord<String, byte[]> parked(JobId job, long offset, String reason) {
        Optional<byte[]> original = reader.bytes(partition, offset);
        var copy = new ProducerRecord<>(Topic.PARKED.topicName(), job.value(), original.orElse(new byte[0]));
        copy.headers().add("parked-reason", reason.getBytes(StandardCharsets.UTF_8));
        copy.headers().add("parked-offset", Long.toString(offset).getBytes(StandardCharsets.UTF_8));
        copy.headers().add("parked-partition", Integer.toString(partition).getBytes(StandardCharsets.UTF_8));
        return copy;
    }

    private static boolean fenced(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }
}
