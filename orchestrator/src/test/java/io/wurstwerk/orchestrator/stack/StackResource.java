package io.wurstwerk.orchestrator.stack;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** Kafka for the application under test, and the addresses where store and models will be: the test starts those. */
public final class StackResource implements QuarkusTestResourceLifecycleManager {

    public static final Path LOG = Path.of("target", "orchestrator-test.log");

    private Path folder;
    private EmbeddedKafka kafka;

    @Override
    public Map<String, String> start() {
        try {
            Files.deleteIfExists(LOG);
            folder = Files.createTempDirectory("wurstwerk-kafka");
            kafka = new EmbeddedKafka(folder);
            int store = Ports.free();
            var config = new HashMap<String, String>();
            config.put("kafka.bootstrap.servers", kafka.bootstrapServers());
            config.put("wurstwerk.kafka.partitions", "3");
            config.put("wurstwerk.triton.endpoint", "127.0.0.1:" + Ports.free());
            config.put("wurstwerk.triton.watch-interval", "PT0.1S");
            config.put("wurstwerk.store.endpoint", "http://127.0.0.1:" + store);
            config.put("wurstwerk.store.public-endpoint", "http://localhost:" + store);
            config.put("wurstwerk.store.access-key", S3Server.ACCESS_KEY);
            config.put("wurstwerk.store.secret-key", S3Server.SECRET_KEY);
            config.put("wurstwerk.store.tenant-secret", "test-tenant-secret");
            config.put("quarkus.http.test-port", "0");
            config.put("quarkus.log.file.enabled", "true");
            config.put("quarkus.log.file.path", LOG.toString());
            config.put("quarkus.log.category.\"io.wurstwerk\".level", "DEBUG");
            return config;
        } catch (Exception failed) {
            throw new IllegalStateException("no Kafka for the test", failed);
        }
    }

    @Override
    public void stop() {
        kafka.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            throw new IllegalStateException("cannot clear " + folder, left);
        }
    }
}
