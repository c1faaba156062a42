package io.wurstwerk.orchestrator.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes missing topics, if it may, and refuses existing ones of another partition count or whose settings lose records. */
public final class Topics {

    private static final String SILENCE =
            "no Kafka broker answered in wurstwerk.kafka.start-timeout: check that one runs"
                    + " at kafka.bootstrap.servers and can be reached from here";

    private final Admin admin;
    private final int partitions;
    private final short replicationFactor;
    private final boolean createMissing;
    private final TopicRules rules;

    /** @param replicationFactor -1 for the broker's default */
    public Topics(Admin admin, int partitions, short replicationFactor) {
        this(admin, partitions, replicationFactor, true);
    }

    /** @param createMissing whether topics that are not there are made, or refused */
    public Topics(Admin admin, int partitions, short replicationFactor, boolean createMissing) {
        this(admin, partitions, replicationFactor, createMissing, Duration.ofDays(15), Duration.ofDays(1));
    }

    /**
     * @param createMissing whether topics that are not there are made, or refused
     * @param remembered how long the answer to a job is remembered
     * @param patience how long a job may wait at most for its answer
     */
    Topics(
            Admin admin,
            int partitions,
            short replicationFactor,
            boolean createMissing,
            Duration remembered,
            Duration patience) {
        if (partitions < 1) {
            throw new TopicException("wurstwerk.kafka.partitions must be at least 1, not " + partitions);
        }
        this.admin = admin;
        this.partitions = partitions;
        this.replicationFactor = replicationFactor;
        this.createMissing = createMissing;
        this.rules = new TopicRules(remembered, patience);
    }

    /**
     * Returns when every topic exists with the wanted partitions and settings that keep the promise.
     *
     * @param timeout for each question to the broker
     * @return what is allowed and not advisable, a sentence a topic
     * @throws TopicException when a topic has another shape, loses records, or the broker does not answer
     */
    public List<String> ensure(Duration timeout) throws InterruptedException {
        var names = new HashSet<String>();
        Arrays.stream(Topic.values()).map(Topic::topicName).forEach(names::add);
        Map<String, TopicDescription> existing = existing(names, timeout);
        existing.forEach(this::check);
        List<NewTopic> missing = Arrays.stream(Topic.values())
                .filter(topic -> !existing.containsKey(topic.topicName()))
                .map(topic -> new NewTopic(topic.topicName(), Optional.of(partitions), factor())
                        .configs(rules.made(topic, replicationFactor)))
                .toList();
        if (!missing.isEmpty() && !createMissing) {
            throw new TopicException(
                    "topics " + missing.stream().map(NewTopic::name).toList()
                            + " are missing and wurstwerk.kafka.create-topics is false: make them with " + partitions
                            + " partitions each, or set it to true");
        }
        create(missing, timeout);
        long end = System.nanoTime() + timeout.toNanos();
        Set<String> unseen = missing.stream().map(NewTopic::name).collect(Collectors.toCollection(HashSet::new));
        // The controller knows of what was made, and the broker that is asked may hear of it a moment later.
        while (!unseen.isEmpty() && System.nanoTime() < end) {
            Map<String, TopicDescription> seen = existing(unseen, timeout);
            seen.forEach(this::check);
            existing.putAll(seen);
            unseen.removeAll(seen.keySet());
        }
        if (!unseen.isEmpty()) {
            throw new TopicException("Kafka says that " + unseen + " exist and does not describe them");
        }
        return checkSettings(existing, timeout);
    }

    /** Also of topics that have just been made: how many replicas they have may be the brokers' choice. */
    private List<String> checkSettings(Map<String, TopicDescription> existing, Duration timeout)
            throws InterruptedException {
        int brokers = brokers(timeout);
        List<String> warnings = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            TopicDescription description = existing.get(topic.topicName());
            if (description == null) {
                continue;
            }
            Map<String, String> settings = settings(topic, timeout);
            rules.check(topic, settings);
            int replicas = description.partitions().stream()
                    .mapToInt(partition -> partition.replicas().size())
                    .min()
                    .orElse(0);
            rules.warning(topic, replicas, brokers, settings).ifPresent(warnings::add);
        }
        return List.copyOf(warnings);
    }

    private int brokers(Duration timeout) throws InterruptedException {
        try {
            return admin.describeCluster()
                    .nodes()
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .size();
        } catch (ExecutionException failed) {
            throw new TopicException("cannot ask which Kafka brokers there are: " + failed.getCause(), failed);
        } catch (TimeoutException silent) {
            throw new TopicException(SILENCE, silent);
        }
    }

    private Map<String, String> settings(Topic topic, Duration timeout) throws InterruptedException {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                Map<String, String> settings = new HashMap<>();
                for (ConfigEntry entry : admin.describeConfigs(List.of(resource))
                        .all()
                        .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .getOrDefault(resource, new Config(List.of()))
                        .entries()) {
                    if (entry.value() != null) {
                        settings.put(entry.name(), entry.value());
                    }
                }
                return settings;
            } catch (ExecutionException failed) {
                // Another broker answers than the one that described the topic, and has not heard of it yet.
                if (!(failed.getCause() instanceof UnknownTopicOrPartitionException) || System.nanoTime() > end) {
                    throw failed("read the settings of", topic.topicName(), failed);
                }
            } catch (TimeoutException silent) {
                throw new TopicException(SILENCE, silent);
            }
        }
    }

    private void check(String topic, TopicDescription description) {
        int found = description.partitions().size();
        if (found != partitions) {
            throw new TopicException(
                    "topic " + topic + " has " + found + " partitions, but wurstwerk.kafka.partitions is "
                            + partitions + ": set it to " + found
                            + ", or drain the jobs and make new topics; the count of live topics must not change");
        }
    }

    private Map<String, TopicDescription> existing(Set<String> names, Duration timeout) throws InterruptedException {
        var found = new HashMap<String, TopicDescription>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                found.put(topic.getKey(), topic.getValue().get(timeout.toMillis(), TimeUnit.MILLISECONDS));
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failed("read", topic.getKey(), failed);
                }
            } catch (TimeoutException silent) {
                throw new TopicException(SILENCE, silent);
            }
        }
        return found;
    }

    /** Somebody else may make them as well: what is there then is looked at like the rest. */
    private void create(List<NewTopic> missing, Duration timeout) throws InterruptedException {
        for (Map.Entry<String, KafkaFuture<Void>> topic :
                admin.createTopics(missing).values().entrySet()) {
            try {
                topic.getValue().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof TopicExistsException)) {
                    throw failed("make", topic.getKey(), failed);
                }
            } catch (TimeoutException silent) {
                throw new TopicException(SILENCE, silent);
            }
        }
    }

    private static TopicException failed(String what, String topic, ExecutionException failed) {
        return failed.getCause() instanceof org.apache.kafka.common.errors.TimeoutException
                ? new TopicException(SILENCE, failed)
                : new TopicException("cannot " + what + " topic " + topic + ": " + KafkaTrouble.words(failed), failed);
    }

    private Optional<Short> factor() {
        return replicationFactor < 0 ? Optional.empty() : Optional.of(replicationFactor);
    }
}
