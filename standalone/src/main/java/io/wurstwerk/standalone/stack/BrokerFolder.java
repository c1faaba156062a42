package io.wurstwerk.standalone.stack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.metadata.storage.Formatter;

/** The folder in which a Kafka broker keeps its log. */
public final class BrokerFolder {
    private BrokerFolder() {}

    /**
     * Prepares a folder, unless it is a broker's already.
     *
     * @param node number of the broker
     * @param cluster id of the cluster, the same for all of its brokers
     */
    public static void prepare(Path folder, int node, String cluster) throws IOException {
        if (Files.exists(folder.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(folder);
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(node)
                    .setClusterId(cluster)
                    .addDirectory(folder.toString())
                    .setMetadataLogDirectory(folder.toString())
                    .setControllerListenerName("CONTROLLER")
                    .run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot prepare " + folder + " for a broker", e);
        }
    }
}
