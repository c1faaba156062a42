package io.wurstwerk.standalone.part;

import io.wurstwerk.standalone.stack.BrokerFolder;
import io.wurstwerk.standalone.stack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;

/**
 * Three Kafka brokers as three processes of Kafka's own main class, each a voter of the quorum (KRaft). Replicas of
 * topics and everything that takes time are as Kafka ships them: a topic that nobody asks more for has one replica.
 */
public final class GenuineKafka implements AutoCloseable {
    private static final int BROKERS = 3;

    private final List<PartProcess> brokers;
    private final String bootstrapServers;

    private GenuineKafka(List<PartProcess> brokers, String bootstrapServers) {
        this.brokers = brokers;
        this.bootstrapServers = bootstrapServers;
    }

    /** Prepares the folders and starts nothing yet. */
    public static GenuineKafka in(Path folder) throws IOException {
        List<Ports> ports =
                IntStream.range(0, BROKERS).mapToObj(_ -> Ports.free()).toList();
        String voters = IntStream.range(0, BROKERS)
                .mapToObj(i -> i + 1 + "@" + Ports.HOST + ":" + ports.get(i).controller())
                .collect(Collectors.joining(","));
        String cluster = Uuid.randomUuid().toString();
        List<PartProcess> brokers = new ArrayList<>();
        for (int i = 0; i < BROKERS; i++) {
            Path log = folder.resolve("log-" + (i + 1));
            BrokerFolder.prepare(log, i + 1, cluster);
            Path settings = folder.resolve("broker-" + (i + 1) + ".properties");
            try (var writer = Files.newBufferedWriter(settings)) {
                settings(i + 1, log, ports.get(i), voters).store(writer, null);
            }
            brokers.add(broker(i + 1, folder.resolve("logs"), settings, address(ports.get(i))));
        }
        return new GenuineKafka(
                List.copyOf(brokers), ports.stream().map(GenuineKafka::address).collect(Collectors.joining(",")));
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** In the order of their node ids, which count from 1. */
    public List<PartProcess> brokers() {
        return brokers;
    }

    /** Returns when every broker serves. */
    public void start() throws IOException, InterruptedException {
        for (PartProcess broker : brokers) {
            broker.start();
        }
        for (PartProcess broker : brokers) {
            broker.awaitReady();
        }
    }

    @Override
    public void close() {
        brokers.forEach(PartProcess::close);
    }

    private static PartProcess broker(int node, Path logs, Path settings, String address) {
        List<String> command = new ArrayList<>(JavaProgram.command(384));
        command.addAll(List.of("-cp", JavaProgram.libraries(), "kafka.Kafka", settings.toString()));
        return new PartProcess("kafka " + node, logs, command, Map.of(), _ -> serves(node, address));
    }

    /** A broker tells of itself when the controller has let it take part. */
    private static boolean serves(int node, String address) throws InterruptedException {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", address, "default.api.timeout.ms", 2_000, "request.timeout.ms", 2_000))) {
            return admin.describeCluster().nodes().get().stream().map(Node::id).anyMatch(id -> id == node);
        } catch (ExecutionException starting) {
            return false;
        }
    }

    private static String address(Ports ports) {
        return Ports.HOST + ":" + ports.kafka();
    }

    private static Properties settings(int node, Path log, Ports ports, String voters) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(node));
        settings.put("controller.quorum.voters", voters);
        settings.put(
                "listeners",
                "PLAINTEXT://" + address(ports) + ",CONTROLLER://" + Ports.HOST + ":" + ports.controller());
        settings.put("advertised.listeners", "PLAINTEXT://" + address(ports));
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", log.toString());
        settings.put("auto.create.topics.enable", "false");
        // As many as brokers, so that each coordinates something, and not fifty: they are made when first used.
        settings.put("offsets.topic.num.partitions", Integer.toString(BROKERS));
        settings.put("transaction.state.log.num.partitions", Integer.toString(BROKERS));
        return settings;
    }
}
