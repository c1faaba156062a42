package io.wurstwerk.orchestrator.topic;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The shape of topics, and who this process is to the broker. */
@ConfigMapping(prefix = "wurstwerk.kafka")
public interface KafkaConfig {

    /** Of every topic; can never be changed for topics that exist, because jobs would move between owners. */
    @WithDefault("24")
    int partitions();

    /** Of topics that do not exist yet; -1 leaves it to the broker. */
    @WithDefault("-1")
    short replicationFactor();

    /** Whether missing topics are made at start; else they are refused by name. */
    @WithDefault("true")
    boolean createTopics();

    /** How long to wait for a broker at start before giving up. */
    @WithDefault("PT1M")
    Duration startTimeout();

    /**
     * A name that outlives the process, for static membership: a restarted process takes its partitions back at once
     * instead of waiting for the session of the dead one to end. Unique among running processes.
     */
    Optional<String> instance();
}
