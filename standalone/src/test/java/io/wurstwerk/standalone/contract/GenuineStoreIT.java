package io.wurstwerk.standalone.contract;

import io.wurstwerk.standalone.part.GenuineMinio;
import io.wurstwerk.standalone.part.PartProcess;
import io.wurstwerk.standalone.stack.Credentials;
import io.wurstwerk.standalone.stack.Ports;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;

/** A MinIO server, which {@code ./wurstwerk conformance store} builds. */
class GenuineStoreIT extends StoreContractTest {
    GenuineStoreIT() {
        super("genuine");
    }

    @Override
    StoreConversation start(Path folder) throws Exception {
        String program = Objects.requireNonNull(
                System.getProperty("wurstwerk.minio"),
                "run this by ./wurstwerk conformance store: it sets -Dwurstwerk.minio");
        int port = Ports.freePort();
        Credentials credentials = Credentials.in(folder, new SecureRandom());
        PartProcess minio = GenuineMinio.in(folder, Path.of(program), port, credentials);
        minio.start();
        minio.awaitReady();
        return new StoreConversation(URI.create("http://" + Ports.HOST + ":" + port), credentials, minio);
    }

    @Override
    boolean mayDiffer() {
        return false;
    }
}
