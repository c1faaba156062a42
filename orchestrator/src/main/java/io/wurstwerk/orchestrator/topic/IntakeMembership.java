package io.wurstwerk.orchestrator.topic;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** What the intake channel's consumer is told beyond application.properties. */
@Dependent
final class IntakeMembership {

    @Produces
    @Singleton
    @Identifier("wurstwerk-intake")
    Map<String, Object> settings(KafkaConfig config) {
        var settings = new HashMap<String, Object>();
        config.instance().ifPresent(name -> settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, name + "-intake"));
        return settings;
    }
}
