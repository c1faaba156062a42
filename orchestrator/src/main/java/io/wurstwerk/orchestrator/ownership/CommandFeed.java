package io.wurstwerk.orchestrator.ownership;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.topic.KafkaTrouble;
import io.wurstwerk.orchestrator.topic.Topic;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Delivers the commands of the owned partitions, from the oldest one that is kept: one that was heard before does
 * nothing the second time.
 */
final class CommandFeed {
    private static final Logger LOG = Logger.getLogger(CommandFeed.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;
    private final Consumer<Event> events;
    private final BiConsumer<JobId, Instant> watched;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Long> delivering = new TreeMap<>();
    private volatile boolean stopping;

    /** @param watched hears of jobs that are watched, and when that was */
    CommandFeed(KafkaClients clients, Consumer<Event> events, BiConsumer<JobId, Instant> watched) {
        this.consumer = clients.reader(100);
        this.events = events;
        this.watched = watched;
        this.thread = Thread.ofPlatform().name("wurstwerk-commands").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean alive() {
        return thread.isAlive();
    }

    void deliver(int partition, long epoch) {
        orders.add(() -> {
            if (delivering.getOrDefault(partition, 0L) >= epoch) {
                return;
            }
            delivering.put(partition, epoch);
            assign();
            consumer.seekToBeginning(List.of(commands(partition)));
        });
    }

    void silence(int partition) {
        orders.add(() -> {
            delivering.remove(partition);
            assign();
        });
    }

    void close() {
        stopping = true;
        if (thread.getState() == Thread.State.NEW) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            return;
        }
        consumer.wakeup();
        try {
            if (!thread.join(Duration.ofSeconds(2))) {
                LOG.warn("the commands' reader did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            while (!stopping) {
                try {
                    for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
                        order.run();
                    }
                    if (delivering.isEmpty()) {
                        Thread.sleep(POLL);
                    } else {
                        consumer.poll(POLL).forEach(this::take);
                    }
                } catch (org.apache.kafka.common.errors.WakeupException woken) {
                    LOG.debug("woken to stop");
                } catch (KafkaException failure) {
                    LOG.warnf("commands cannot be read now: %s", KafkaTrouble.words(failure));
                    Thread.sleep(RETRY);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assign() {
        consumer.assign(delivering.keySet().stream().map(CommandFeed::commands).toList());
    }

    private void take(ConsumerRecord<String, byte[]> found) {
        Long epoch = delivering.get(found.partition());
        if (epoch == null || found.key() == null || found.value() == null) {
            return;
        }
        Instant writtenAt = Instant.ofEpochMilli(found.timestamp());
        try {
            switch (command(found.value())) {
                case "cancel" ->
                    events.accept(new Event.CancelAsked(found.partition(), epoch, new JobId(found.key()), writtenAt));
                case "watch" -> watched.accept(new JobId(found.key()), writtenAt);
                default -> LOG.debugf("command %d of partition %d is foreign", found.offset(), found.partition());
            }
        } catch (IllegalArgumentException noJob) {
            LOG.warnf("command %d of partition %d names no job", found.offset(), found.partition());
        }
    }

    private static String command(byte[] value) {
        try {
            return MAPPER.readTree(value).path("command").asText();
        } catch (IOException foreign) {
            return "";
        }
    }

    private static TopicPartition commands(int partition) {
        return new TopicPartition(Topic.COMMANDS.topicName(), partition);
    }
}
