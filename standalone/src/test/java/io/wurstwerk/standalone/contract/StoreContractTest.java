package io.wurstwerk.standalone.contract;

import java.util.List;

/** What this project relies on in an S3 store. */
abstract class StoreContractTest extends PartContractTest<StoreConversation> {
    StoreContractTest(String kind) {
        super("store", kind);
    }

    @Override
    final List<ContractCase<StoreConversation>> cases() {
        return StoreCases.all();
    }
}
