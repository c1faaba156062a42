package io.wurstwerk.orchestrator.stack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/** A genuine one-node Kafka in this process. */
public final class EmbeddedKafka implements AutoCloseable {

    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private final int behindFront = Ports.free();
    private final Map<String, String> secured = new TreeMap<>();

    /**
     * A listener that speaks TLS.
     *
     * @param name in capitals
     * @param front the port that its clients are told; 0 for its own
     * @param keystore PEM of the broker's key and certificate there
     * @param clients PEM of the authorities of clients' certificates; null where none are asked for
     * @param login whether clients have to give a name and a password
     */
    public record Secured(
            String name, int front, Path keystore, @Nullable Path clients, boolean login) {}

    public EmbeddedKafka(Path folder) throws Exception {
        this(folder, Ports.free());
    }

    /**
     * A broker that can also be reached through a proxy.
     *
     * @param front where the proxy is, as those are told who come through it
     */
    public EmbeddedKafka(Path folder, int front) throws Exception {
        this(folder, front, List.of(), List.of());
    }

    /**
     * A broker that can also be reached over TLS.
     *
     * @param front where a proxy of the open listener is
     * @param users such as {@code SCRAM-SHA-512=[name=alice,password=secret]}
     */
    public EmbeddedKafka(Path folder, int front, List<Secured> listeners, List<String> users) throws Exception {
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
                    .setScramArguments(users)
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
        for (Secured listener : listeners) {
            add(settings, listener);
        }
        server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
        server.startup();
    }

    private void add(Properties settings, Secured listener) throws IOException {
        int port = Ports.free();
        String here = listener.name() + "://127.0.0.1:" + port;
        String told = listener.name() + "://127.0.0.1:" + (listener.front() == 0 ? port : listener.front());
        secured.put(listener.name(), "127.0.0.1:" + port);
        settings.merge("listeners", here, (all, more) -> all + "," + more);
        settings.merge("advertised.listeners", told, (all, more) -> all + "," + more);
        settings.merge(
                "listener.security.protocol.map",
                listener.name() + ":" + (listener.login() ? "SASL_SSL" : "SSL"),
                (all, more) -> all + "," + more);
        String prefix = "listener.name." + listener.name().toLowerCase(Locale.ROOT) + ".";
        settings.put(prefix + "ssl.keystore.type", "PEM");
        settings.put(prefix + "ssl.keystore.location", listener.keystore().toString());
        if (listener.clients() != null) {
            settings.put(prefix + "ssl.client.auth", "required");
            settings.put(prefix + "ssl.truststore.type", "PEM");
            settings.put(prefix + "ssl.truststore.location", listener.clients().toString());
        }
        if (listener.login()) {
            settings.put(prefix + "sasl.enabled.mechanisms", "SCRAM-SHA-512");
            settings.put(
                    prefix + "scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        }
    }

    /** Where a listener with TLS is. */
    public String secured(String name) {
        return secured.get(name);
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
