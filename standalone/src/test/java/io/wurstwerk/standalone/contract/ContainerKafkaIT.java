package io.wurstwerk.standalone.contract;

import java.nio.file.Path;
import java.util.List;
import org.testcontainers.kafka.KafkaContainer;

/** One broker of Kafka's own image, where a container engine runs. */
class ContainerKafkaIT extends KafkaContractTest {
    private static final String IMAGE = "apache/kafka:4.1.1";

    ContainerKafkaIT() {
        super("container");
    }

    @Override
    KafkaConversation start(Path folder) throws Exception {
        if (!ContainerEngine.runs(IMAGE)) {
            return null;
        }
        KafkaContainer kafka = new KafkaContainer(IMAGE).withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        kafka.start();
        return new KafkaConversation(kafka.getBootstrapServers(), List.of(), kafka);
    }

    /** As the standalone stack's it is one broker. */
    @Override
    boolean mayDiffer() {
        return true;
    }
}
