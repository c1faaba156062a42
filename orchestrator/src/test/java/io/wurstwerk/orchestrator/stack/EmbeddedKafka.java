package io.wurstwerk.orchestrator.stack;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A genuine one-node Kafka in this process. */
public final class EmbeddedKafka implements AutoCloseable {

    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private final int behindFront = Ports.free();

    public EmbeddedKafka(Path folder) throws Exception {
        this(folder, Ports.free());
    }

    /**
     * A broker that can also be reached through a proxy.
     *
     * @param front where the proxy is, as those are told who come through it
     */
    public EmbeddedKafka(Path folder, int front) throws Exception {
        bootstrapServers = "127.0.0.1:" + Ports.free();
        String controller = "127.0.0.1:" + Ports.free();
        try (var silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(1)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(folder.toString())
                    .setMetadataLogDirectory(folder.toString())
                    .setControllerListenerName("CONTROLLER")
                    .run();
        }
        var settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@" + controller);
        settings.put(
                "listeners",
                "PLAINTEXT://" + bootstrapServers + ",FRONT://127.0.0.1:" + behindFront + ",CONTROLLER://"
                        + controller);
        settings.put("advertised.listeners", "PLAINTEXT://" + bootstrapServers + ",FRONT://127.0.0.1:" + front);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,FRONT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", folder.toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.put("group.initial.rebalance.delay.ms", "0");
        server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
        server.startup();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** The port to which the proxy passes on. */
    public int behindFront() {
        return behindFront;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
