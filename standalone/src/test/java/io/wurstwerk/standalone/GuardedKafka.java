package io.wurstwerk.standalone;

import io.wurstwerk.standalone.stack.Ports;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * A genuine one-node Kafka that lets users do what its rights allow, and remembers what they did. Who a client is, its
 * listener says: at one everybody is the orchestrator's user, at the other a superuser. One at a time in a process.
 */
final class GuardedKafka implements AutoCloseable {
    static final String USER = "User:wurstwerk-orchestrator";

    private static final Set<Deed> ALLOWED = ConcurrentHashMap.newKeySet();
    private static final Set<Deed> DENIED = ConcurrentHashMap.newKeySet();

    private final KafkaRaftServer server;
    private final String trusted;
    private final String guarded;

    /** What the orchestrator's user did or tried to, in Kafka's words. */
    record Deed(String operation, String type, String name) {}

    /** Kafka's own authorizer, overheard. */
    public static final class Overheard extends StandardAuthorizer {
        @Override
        public List<AuthorizationResult> authorize(AuthorizableRequestContext context, List<Action> actions) {
            List<AuthorizationResult> results = super.authorize(context, actions);
            if (context.principal().toString().equals(USER)) {
                for (int i = 0; i < actions.size(); i++) {
                    Action action = actions.get(i);
                    Deed deed = new Deed(
                            action.operation().name(),
                            action.resourcePattern().resourceType().name(),
                            action.resourcePattern().name());
                    if (results.get(i) == AuthorizationResult.ALLOWED) {
                        ALLOWED.add(deed);
                    } else if (action.logIfDenied()) {
                        // The rest are questions of the broker to itself: whether one of several rights is there.
                        DENIED.add(deed);
                    }
                }
            }
            return results;
        }
    }

    /** Knows clients by the listener that they come to. */
    public static final class ByListener extends DefaultKafkaPrincipalBuilder {
        public ByListener() {
            super(null, null);
        }

        @Override
        public KafkaPrincipal build(AuthenticationContext context) {
            return new KafkaPrincipal(
                    KafkaPrincipal.USER_TYPE,
                    context.listenerName().equals("GUARDED") ? "wurstwerk-orchestrator" : "trusted");
        }
    }

    GuardedKafka(Path folder) throws Exception {
        ALLOWED.clear();
        DENIED.clear();
        Ports ports = Ports.free();
        trusted = "127.0.0.1:" + ports.kafka();
        guarded = "127.0.0.1:" + ports.http();
        String controller = "127.0.0.1:" + ports.controller();
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
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "TRUSTED");
        settings.put("listeners", "TRUSTED://" + trusted + ",GUARDED://" + guarded + ",CONTROLLER://" + controller);
        settings.put("advertised.listeners", "TRUSTED://" + trusted + ",GUARDED://" + guarded);
        settings.put("listener.security.protocol.map", "TRUSTED:PLAINTEXT,GUARDED:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("authorizer.class.name", Overheard.class.getName());
        settings.put("principal.builder.class", ByListener.class.getName());
        settings.put("super.users", "User:trusted");
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

    /** Where everything is allowed. */
    String trusted() {
        return trusted;
    }

    /** Where everybody is the orchestrator's user. */
    String guarded() {
        return guarded;
    }

    static List<Deed> allowed() {
        return new ArrayList<>(ALLOWED);
    }

    static List<Deed> denied() {
        return new ArrayList<>(DENIED);
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
