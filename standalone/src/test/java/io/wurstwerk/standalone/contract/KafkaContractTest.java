package io.wurstwerk.standalone.contract;

import java.util.List;

/** What this project relies on in Kafka. */
abstract class KafkaContractTest extends PartContractTest<KafkaConversation> {
    KafkaContractTest(String kind) {
        super("kafka", kind);
    }

    @Override
    final List<ContractCase<KafkaConversation>> cases() {
        return KafkaCases.all();
    }
}
