package io.wurstwerk.orchestrator.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.ownership.JournalJson;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.topic.KafkaTrouble;
import io.wurstwerk.orchestrator.topic.Topic;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.h2.mvstore.MVStoreException;
import org.jboss.logging.Logger;

/**
 * Reads what the topics say into the view, all partitions of them, from where it stopped the last time. Progress is
 * read from now on: what is missed there, the next step tells.
 */
final class TopicFollower implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration FORGETTING = Duration.ofSeconds(10);
    private static final List<Topic> REMEMBERED = List.of(Topic.SUBMISSIONS, Topic.JOBS, Topic.IMAGES);

    private final Consumer<String, byte[]> consumer;
    private final JobView view;
    private final int partitions;
    private final Thread thread;
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Set<TopicPartition> behind = new HashSet<>();
    private volatile boolean caughtUp;
    private volatile boolean stopping;

    TopicFollower(Consumer<String, byte[]> consumer, JobView view, int partitions) {
        this.consumer = consumer;
        this.view = view;
        this.partitions = partitions;
        this.thread = Thread.ofPlatform().name("wurstwerk-view").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether everything is in the view that was written before the start, and it is being kept up. */
    boolean caughtUp() {
        return caughtUp && thread.isAlive();
    }

    @Override
    public void close() {
        stopping = true;
        if (thread.getState() == Thread.State.NEW) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            return;
        }
        consumer.wakeup();
        try {
            if (!thread.join(Duration.ofSeconds(2))) {
                LOG.warn("the view's reader did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            boolean placed = false;
            long forgotten = System.nanoTime();
            while (!stopping) {
                try {
                    if (!placed) {
                        place();
                        placed = true;
                    }
                    read(consumer.poll(POLL));
                    if (System.nanoTime() - forgotten > FORGETTING.toNanos()) {
                        forgotten = System.nanoTime();
                        view.forget();
                    }
                } catch (WakeupException woken) {
                    LOG.debug("woken to stop");
                } catch (KafkaException failure) {
                    LOG.warnf("the view falls behind: %s", KafkaTrouble.words(failure));
                    Thread.sleep(RETRY);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (MVStoreException broken) {
            // Jobs go on without it; only this instance's answers over HTTP end.
            LOG.errorf("the view cannot be kept any more, and /v1 is out of service: %s", broken.getMessage());
        } catch (RuntimeException bug) {
            LOG.errorf("the view ends, and /v1 is out of service: %s at %s", bug.getClass(), bug.getStackTrace()[0]);
        }
    }

    private void place() {
        List<TopicPartition> remembered = new ArrayList<>();
        List<TopicPartition> fleeting = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            for (Topic topic : REMEMBERED) {
                remembered.add(new TopicPartition(topic.topicName(), partition));
            }
            fleeting.add(new TopicPartition(Topic.PROGRESS.topicName(), partition));
        }
        List<TopicPartition> all = new ArrayList<>(remembered);
        all.addAll(fleeting);
        consumer.assign(all);
        ends.putAll(consumer.endOffsets(remembered));
        behind.addAll(remembered);
        for (TopicPartition partition : remembered) {
            long next = view.store().position(partition);
            if (next < 0 || next > ends.getOrDefault(partition, 0L)) {
                consumer.seekToBeginning(List.of(partition));
            } else {
                consumer.seek(partition, next);
            }
        }
        consumer.seekToEnd(fleeting);
        fleeting.forEach(consumer::position);
    }

    private void read(ConsumerRecords<String, byte[]> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                take(record);
            } catch (MVStoreException broken) {
                throw broken;
            } catch (RuntimeException foreign) {
                // Somebody else wrote into the topic; the record may hold a prompt, so only its place is told.
                LOG.warnf(
                        "%s-%d@%d is not for the view: %s",
                        record.topic(), record.partition(), record.offset(), foreign.getClass());
            }
        }
        for (TopicPartition partition : records.partitions()) {
            if (!partition.topic().equals(Topic.PROGRESS.topicName())) {
                view.store().position(partition, consumer.position(partition));
            }
        }
        if (!caughtUp) {
            behind.removeIf(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
            caughtUp = behind.isEmpty();
            if (caughtUp) {
                LOG.infof("the view knows %d jobs", view.store().size());
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return;
        }
        if (record.topic().equals(Topic.SUBMISSIONS.topicName())) {
            view.submitted(SubmissionJson.read(record.value()));
            return;
        }
        JobId job = new JobId(record.key());
        if (record.topic().equals(Topic.JOBS.topicName())) {
            view.journalled(job, JournalJson.read(job, record.value()), record.offset());
            return;
        }
        ObjectNode data = ViewedJobBytes.object(record.value());
        if (record.topic().equals(Topic.IMAGES.topicName())) {
            view.answered(job, data, time(record), record.offset());
        } else {
            view.progressed(job, data, record.offset());
        }
    }

    private static Instant time(ConsumerRecord<String, byte[]> record) {
        Header time = record.headers().lastHeader("ce_time");
        try {
            if (time != null) {
                return OffsetDateTime.parse(new String(time.value(), UTF_8)).toInstant();
            }
        } catch (DateTimeException malformed) {
            LOG.debugf("%s-%d@%d has no readable time", record.topic(), record.partition(), record.offset());
        }
        return Instant.ofEpochMilli(record.timestamp());
    }
}
