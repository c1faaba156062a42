package io.wurstwerk.orchestrator.topic;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Runs before any channel starts, so that none subscribes to a topic that is not there. */
@ApplicationScoped
class TopicsAtStart {
    private static final Logger LOG = Logger.getLogger(TopicsAtStart.class);

    private final KafkaConfig config;
    private final Map<String, Object> kafka;
    private final Config all;

    TopicsAtStart(KafkaConfig config, @Identifier("default-kafka-broker") Map<String, Object> kafka, Config all) {
        this.config = config;
        this.kafka = kafka;
        this.all = all;
    }

    private Duration duration(String key, Duration otherwise) {
        return all.getOptionalValue(key, Duration.class).orElse(otherwise);
    }

    private Optional<String> setting(String key) {
        return all.getOptionalValue(key, String.class);
    }

    void ensure(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent starting)
            throws InterruptedException {
        DurableSettings.check(this::setting);
        KafkaTrouble.requireSecuredAsAsked(kafka);
        var settings = new HashMap<>(kafka);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int)
                config.startTimeout().toMillis());
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int)
                Math.min(10_000, config.startTimeout().toMillis()));
        try (Admin admin = Admin.create(settings)) {
            var topics = new Topics(
                    admin,
                    config.partitions(),
                    config.replicationFactor(),
                    config.createTopics(),
                    duration("wurstwerk.engine.retention", Duration.ofDays(15)),
                    duration("wurstwerk.intake.default-deadline", Duration.ofHours(24)));
            topics.ensure(config.startTimeout().plus(Duration.ofSeconds(1))).forEach(LOG::warn);
        }
    }
}
