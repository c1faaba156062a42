package io.wurstwerk.orchestrator.ownership;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.engine.Ports;
import io.wurstwerk.orchestrator.engine.Ports.Entry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.JobTraces;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The engine's log: topics, transactions and membership of this process. Orders come from the engine's thread. */
public final class KafkaLog implements Ports.Log, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KafkaLog.class);
    private static final Duration STOP = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final Consumer<Event> events;
    private final Clock clock;
    private final AnswerArchive archive;
    private final LogMeters meters;
    private final JobTraces traces;
    private final Membership membership;
    private final CommandFeed commands;
    private final LogReader reader;
    private final Producer<String, byte[]> checkpoints;
    private final ExecutorService loader;
    private final Map<Long, PartitionWriter> writers = new ConcurrentHashMap<>();

    /**
     * Connects nothing before {@link #start()}.
     *
     * @param events takes what happens; must not block for long
     */
    public KafkaLog(KafkaClients clients, Consumer<Event> events, Clock clock) {
        this(clients, events, clock, AnswerArchive.NONE, (_, _) -> {});
    }

    /**
     * Connects nothing before {@link #start()}.
     *
     * @param events takes what happens; must not block for long
     * @param archive is shown every answer before it is published
     * @param watched hears which jobs were watched when; from a thread of its own, also long afterwards
     */
    public KafkaLog(
            KafkaClients clients,
            Consumer<Event> events,
            Clock clock,
            AnswerArchive archive,
            BiConsumer<JobId, Instant> watched) {
        this(clients, events, clock, archive, watched, LogMeters.NONE, JobTraces.OFF);
    }

    /**
     * Connects nothing before {@link #start()}.
     *
     * @param events takes what happens; must not block for long
     * @param archive is shown every answer before it is published
     * @param watched hears which jobs were watched when; from a thread of its own, also long afterwards
     */
    public KafkaLog(
            KafkaClients clients,
            Consumer<Event> events,
            Clock clock,
            AnswerArchive archive,
            BiConsumer<JobId, Instant> watched,
            LogMeters meters,
            JobTraces traces) {
        this.archive = archive;
        this.meters = meters;
        this.traces = traces;
        this.clients = clients;
        this.events = events;
        this.clock = clock;
        this.membership = new Membership(clients, events);
        this.commands = new CommandFeed(clients, events, watched);
        this.reader = new LogReader(clients.reader(1));
        this.checkpoints = clients.checkpoints();
        this.loader = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("submission-reader").factory());
    }

    public void start() {
        membership.start();
        commands.start();
    }

    /** Whether this process is a member of the group. */
    public boolean joined() {
        return membership.joined();
    }

    /** Whether the threads live that read the topics. */
    public boolean alive() {
        return membership.alive() && commands.alive();
    }

    @Override
    public void open(int partition, long epoch) {
        writers.values().stream()
                .filter(writer -> writer.partition() == partition)
                .forEach(PartitionWriter::abandon);
        writers.values().removeIf(writer -> writer.partition() == partition);
        PartitionWriter writer =
                new PartitionWriter(partition, epoch, clients, reader, events, clock, archive, meters, traces);
        writers.put(epoch, writer);
        writer.open(() -> {
            membership.deliver(partition, epoch);
            commands.deliver(partition, epoch);
        });
    }

    @Override
    public void commit(int partition, long epoch, long transaction, List<Entry> entries) {
        writer(epoch).ifPresent(writer -> writer.commit(transaction, entries));
    }

    @Override
    public void commitPosition(int partition, long epoch, long nextOffset) {
        membership.position(partition, epoch, nextOffset);
    }

    @Override
    public void checkpoint(int partition, long epoch, String key, byte @Nullable [] value) {
        meters.checkpoint(value == null ? 0 : value.length);
        try {
            var _ = checkpoints.send(
                    new ProducerRecord<>(Topic.CHECKPOINTS.topicName(), partition, key, value), (written, failure) -> {
                        if (failure != null) {
                            LOG.warnf("a checkpoint of partition %d is lost: %s", partition, failure.getMessage());
                        }
                    });
        } catch (KafkaException lost) {
            LOG.warnf("a checkpoint of partition %d is lost: %s", partition, lost.getMessage());
        }
    }

    @Override
    public void load(int partition, long epoch, JobId job, long offset) {
        later(() -> load(partition, epoch, job, offset, 1));
    }

    @Override
    public void read(int partition, long epoch, boolean on) {
        membership.read(partition, epoch, on);
    }

    @Override
    public void close(int partition, long epoch) {
        commands.silence(partition);
        Runnable closed = () -> {
            flushCheckpoints();
            events.accept(new Event.Closed(partition, epoch));
            membership.closed(partition);
        };
        PartitionWriter writer = writers.remove(epoch);
        if (writer == null) {
            later(closed);
        } else {
            writer.close(closed);
        }
    }

    /** Leaves the group, for which the engine gives every partition up in order, and lets go of everything. */
    @Override
    public void close() {
        membership.close();
        commands.close();
        writers.values().forEach(PartitionWriter::abandon);
        loader.shutdownNow();
        checkpoints.close(Duration.ofMillis(500));
        try {
            if (loader.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                reader.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<PartitionWriter> writer(long epoch) {
        return Optional.ofNullable(writers.get(epoch));
    }

    private void load(int partition, long epoch, JobId job, long offset, int tries) {
        if (writer(epoch).isEmpty()) {
            return;
        }
        try {
            Optional<Submission> found = reader.bytes(partition, offset)
                    .map(SubmissionJson::read)
                    .filter(submission -> submission.job().equals(job));
            events.accept(new Event.Loaded(partition, epoch, job, found.orElse(null)));
        } catch (IllegalArgumentException foreign) {
            events.accept(new Event.Loaded(partition, epoch, job, null));
        } catch (KafkaException away) {
            LOG.warnf("submission %d of partition %d, try %d: %s", offset, partition, tries, away.getMessage());
            later(() -> load(partition, epoch, job, offset, tries + 1));
        }
    }

    /** What a pause leaves behind should be there for the next owner, but nobody waits long for it. */
    private void flushCheckpoints() {
        try {
            checkpoints.flush();
        } catch (KafkaException lost) {
            LOG.warnf("checkpoints may be lost: %s", lost.getMessage());
        }
    }

    private void later(Runnable work) {
        try {
            loader.execute(work);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the log is closing");
        }
    }
}
