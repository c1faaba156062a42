package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A broker that lets in who has both a certificate and a password, and the files with which the application is one of
 * them. Models and store, which are behind TLS too, are started by the test with the certificates in the folder.
 */
public final class SecuredResource implements QuarkusTestResourceLifecycleManager {

    public static final Path LOG = Path.of("target", "secured-test.log");

    public static final String API_KEY = "api-canary-5f0d93";
    public static final String SASL_PASSWORD = "sasl-canary-c81b44";
    public static final String PASSPHRASE = "passphrase-canary-0e77a1";
    public static final String TENANT_SECRET = "tenant-canary-e23f60";

    /** Where the folder of the certificates, and the broker's open listener, are told. */
    public static final String FOLDER = "test.secured.folder";

    public static final String OPEN_KAFKA = "test.secured.kafka";

    private Path folder;
    private EmbeddedKafka kafka;
    private FaultProxy proxy;

    @Override
    public Map<String, String> start() {
        try {
            Files.deleteIfExists(LOG);
            folder = Files.createTempDirectory("wurstwerk-secured");
            var authority = new Authority("authority");
            Path ca = Authority.write(folder.resolve("ca.pem"), authority.pem());
            Authority.write(folder.resolve("kafka-ca.pem"), authority.pem());
            Authority.write(folder.resolve("stranger.pem"), new Authority("stranger").pem());
            pair("triton", authority.issue("triton", "127.0.0.1"));
            pair("store", authority.issue("store", "127.0.0.1"));
            Authority.Issued own = authority.issue("wurstwerk");
            pair("own", own);
            Authority.write(folder.resolve("own-kafka.pem"), own.both(PASSPHRASE));
            Path broker = Authority.write(
                    folder.resolve("broker.pem"),
                    authority.issue("broker", "127.0.0.1").both());
            int front = Ports.free();
            kafka = new EmbeddedKafka(
                    folder.resolve("kafka"),
                    front + 1,
                    List.of(new EmbeddedKafka.Secured("LOGIN", front, broker, ca, true)),
                    List.of("SCRAM-SHA-512=[name=wurstwerk,password=" + SASL_PASSWORD + "]"));
            int behind = Integer.parseInt(kafka.secured("LOGIN").replaceAll(".*:", ""));
            proxy = new FaultProxy(front, behind, Framing.STREAM);
            return settings(ca);
        } catch (Exception failed) {
            throw new IllegalStateException("no secured stack for the test", failed);
        }
    }

    private Map<String, String> settings(Path ca) throws Exception {
        var config = new HashMap<String, String>();
        config.put(FOLDER, folder.toString());
        config.put(OPEN_KAFKA, kafka.bootstrapServers());
        config.put("kafka.bootstrap.servers", proxy.address());
        config.put("kafka.security.protocol", "SASL_SSL");
        config.put("kafka.sasl.mechanism", "SCRAM-SHA-512");
        config.put(
                "kafka.sasl.jaas.config-file",
                secret(
                        "jaas",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"wurstwerk\""
                                + " password=\"" + SASL_PASSWORD + "\";"));
        config.put("kafka.ssl.keystore.type", "PEM");
        config.put(
                "kafka.ssl.keystore.location", folder.resolve("own-kafka.pem").toString());
        config.put("kafka.ssl.key.password-file", secret("passphrase", PASSPHRASE));
        config.put("kafka.ssl.truststore.type", "PEM");
        config.put(
                "kafka.ssl.truststore.location", folder.resolve("kafka-ca.pem").toString());
        config.put("wurstwerk.kafka.partitions", "3");
        config.put("wurstwerk.triton.endpoint", "127.0.0.1:" + Ports.free());
        config.put("wurstwerk.triton.watch-interval", "PT0.1S");
        config.put("wurstwerk.triton.tls.enabled", "true");
        config.put("wurstwerk.triton.tls.ca", ca.toString());
        config.put("wurstwerk.triton.tls.certificate", folder.resolve("own.pem").toString());
        config.put("wurstwerk.triton.tls.key", folder.resolve("own.key").toString());
        config.put("wurstwerk.store.endpoint", "https://127.0.0.1:" + Ports.free());
        config.put("wurstwerk.store.tls.ca", ca.toString());
        config.put("wurstwerk.store.access-key", S3Server.ACCESS_KEY);
        config.put("wurstwerk.store.secret-key-file", secret("store", S3Server.SECRET_KEY));
        config.put("wurstwerk.store.read-access-key", S3Server.READER.access());
        config.put("wurstwerk.store.read-secret-key-file", secret("reader", S3Server.READER.secret()));
        config.put("wurstwerk.store.tenant-secret-file", secret("tenant", TENANT_SECRET));
        config.put("wurstwerk.tenants.keys-file", secret("keys", sha256(API_KEY) + " acme"));
        config.put("quarkus.http.test-port", "0");
        config.put("quarkus.log.file.enabled", "true");
        config.put("quarkus.log.file.path", LOG.toString());
        config.put("quarkus.log.category.\"io.wurstwerk\".level", "DEBUG");
        return config;
    }

    /** A {@link Runnable} of the test that ends every connection to Kafka. */
    @Override
    public void inject(TestInjector injector) {
        Runnable cut = () -> {
            try {
                proxy.begin(new Fault.Reset());
                proxy.end();
            } catch (IOException failed) {
                throw new IllegalStateException("the connections cannot be cut", failed);
            }
        };
        injector.injectIntoFields(cut, field -> field.getType() == Runnable.class);
    }

    private void pair(String name, Authority.Issued issued) throws Exception {
        Authority.write(folder.resolve(name + ".pem"), issued.certificatePem());
        Authority.write(folder.resolve(name + ".key"), issued.keyPem());
    }

    private String secret(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".secret"), text + "\n").toString();
    }

    private static String sha256(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
    }

    @Override
    public void stop() {
        try {
            proxy.close();
            kafka.close();
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException left) {
            throw new IllegalStateException("cannot clear " + folder, left);
        }
    }
}
