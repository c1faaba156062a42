package io.wurstwerk.standalone.contract;

import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The one broker of the standalone stack, in this process. */
class EmbeddedKafkaContractTest extends KafkaContractTest {
    EmbeddedKafkaContractTest() {
        super("embedded");
    }

    @Override
    KafkaConversation start(Path folder) throws Exception {
        Ports ports = Ports.free();
        AutoCloseable broker = SinglePart.BROKER.start(folder, folder, ports, "1", Map.of());
        return new KafkaConversation(Ports.HOST + ":" + ports.kafka(), List.of(), broker);
    }

    @Override
    boolean mayDiffer() {
        return true;
    }
}
