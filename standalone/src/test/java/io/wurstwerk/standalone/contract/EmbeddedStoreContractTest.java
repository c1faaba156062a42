package io.wurstwerk.standalone.contract;

import io.wurstwerk.standalone.stack.Credentials;
import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/** The store of the standalone stack: S3Proxy. */
class EmbeddedStoreContractTest extends StoreContractTest {
    EmbeddedStoreContractTest() {
        super("embedded");
    }

    @Override
    StoreConversation start(Path folder) throws Exception {
        Ports ports = Ports.free();
        AutoCloseable store = SinglePart.STORE.start(folder, folder, ports, "1", Map.of());
        return new StoreConversation(
                URI.create("http://" + Ports.HOST + ":" + ports.store()),
                Credentials.in(folder, new SecureRandom()),
                store);
    }

    @Override
    boolean mayDiffer() {
        return true;
    }
}
