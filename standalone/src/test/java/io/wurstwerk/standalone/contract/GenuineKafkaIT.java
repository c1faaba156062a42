package io.wurstwerk.standalone.contract;

import io.wurstwerk.standalone.part.GenuineKafka;
import java.nio.file.Path;

/** Three brokers in processes of their own. */
class GenuineKafkaIT extends KafkaContractTest {
    GenuineKafkaIT() {
        super("genuine");
    }

    @Override
    KafkaConversation start(Path folder) throws Exception {
        GenuineKafka kafka = GenuineKafka.in(folder);
        kafka.start();
        return new KafkaConversation(kafka.bootstrapServers(), kafka.brokers(), kafka);
    }

    @Override
    boolean mayDiffer() {
        return false;
    }
}
