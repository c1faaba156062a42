package io.wurstwerk.standalone.stack;

import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A genuine Kafka broker (KRaft, broker and controller in one) in this process, with its log in a folder. */
final class KafkaBroker implements AutoCloseable {
    private static final int NODE = 1;

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private KafkaBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Formats the folder on first use and starts the broker.
     *
     * @param folder the broker's log directory; an existing log is continued
     * @throws IllegalStateException when the folder cannot be formatted or the broker does not start
     */
    static KafkaBroker start(Path folder, Ports ports) {
        String clients = Ports.HOST + ":" + ports.kafka();
        try {
            BrokerFolder.prepare(folder, NODE, Uuid.randomUuid().toString());
            KafkaRaftServer server =
                    new KafkaRaftServer(new KafkaConfig(settings(folder, ports, clients)), Time.SYSTEM);
            server.startup();
            return new KafkaBroker(server, clients);
        } catch (Exception e) {
            throw new IllegalStateException("the Kafka broker did not start on " + clients + " over " + folder, e);
        }
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Properties settings(Path folder, Ports ports, String clients) {
        String controller = Ports.HOST + ":" + ports.controller();
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("controller.quorum.voters", NODE + "@" + controller);
        settings.put("listeners", "PLAINTEXT://" + clients + ",CONTROLLER://" + controller);
        settings.put("advertised.listeners", "PLAINTEXT://" + clients);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", folder.toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        // A stack on one machine waits for nobody: the first member of a group gets its partitions at once, and a
        // broker that was killed may register again as soon as its short session has run out.
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("broker.session.timeout.ms", "1000");
        settings.put("broker.heartbeat.interval.ms", "300");
        settings.put("initial.broker.registration.timeout.ms", "10000");
        return settings;
    }
}
