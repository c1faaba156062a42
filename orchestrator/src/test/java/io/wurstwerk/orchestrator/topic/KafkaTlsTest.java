package io.wurstwerk.orchestrator.topic;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Authority;
import io.wurstwerk.orchestrator.stack.EmbeddedKafka;
import io.wurstwerk.orchestrator.stack.EmbeddedKafka.Secured;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.security.scram.internals.ScramSaslClientProvider;
import org.apache.kafka.common.security.scram.internals.ScramSaslServerProvider;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real broker that speaks TLS, and clients with Kafka's ordinary properties. */
class KafkaTlsTest {
    private static final String PASSWORD = "sasl-canary-71e0";
    /** One look alone may take half a minute. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Authority clients;
    private static Path trusted;
    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() throws Exception {
        answerForScram();
        authority = new Authority("authority");
        clients = new Authority("clients");
        trusted = Authority.write(folder.resolve("authority.pem"), authority.pem());
        Path letIn = Authority.write(folder.resolve("clients.pem"), clients.pem());
        Path good = store("good", authority.issue("broker", "127.0.0.1"));
        kafka = new EmbeddedKafka(
                folder.resolve("kafka"),
                1,
                List.of(
                        new Secured("MUTUAL", 0, good, letIn, false),
                        new Secured("LOGIN", 0, good, null, true),
                        new Secured(
                                "EXPIRED", 0, store("old", authority.issueExpired("broker", "127.0.0.1")), null, false),
                        new Secured(
                                "ELSEWHERE", 0, store("far", authority.issue("broker", "kafka.example")), null, false),
                        new Secured(
                                "STRANGER",
                                0,
                                store("strange", new Authority("nobody").issue("broker", "127.0.0.1")),
                                null,
                                false)),
                List.of("SCRAM-SHA-512=[name=alice,password=" + PASSWORD + "]"));
    }

    /**
     * Kafka's SCRAM is a provider of the whole JVM, found by name: one that a test of the application has left there
     * has classes of that test's loader, and knows no credentials of this one's.
     */
    private static void answerForScram() {
        for (Provider provider : Security.getProviders()) {
            if (provider.getClass().getSimpleName().startsWith("ScramSasl")) {
                Security.removeProvider(provider.getName());
            }
        }
        ScramSaslServerProvider.initialize();
        ScramSaslClientProvider.initialize();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @ParameterizedTest
    @CsvSource({
        "EXPIRED, has expired",
        "ELSEWHERE, is for other names",
        "STRANGER, is of an issuer that is not trusted here: add the issuer's certificate to the file of"
                + " kafka.ssl.truststore.location"
    })
    void aBrokerWithABadCertificateIsRefusedWithTheReason(String listener, String reason) {
        try (Admin admin = Admin.create(tls(listener))) {
            assertThatThrownBy(() -> new Topics(admin, 1, (short) -1).ensure(Duration.ofSeconds(30)))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("a broker of kafka.bootstrap.servers was refused: its certificate " + reason);
        }
    }

    @Test
    void aNameAndAPasswordLetInAndAWrongOneIsToldWithoutIt() throws Exception {
        Map<String, Object> right = login(PASSWORD);
        try (Admin admin = Admin.create(right)) {
            // A broker that has just started may listen before it knows its users.
            awaitRefusal(admin, "none");
        }
        try (Admin admin = Admin.create(login("another-canary"))) {
            assertThatThrownBy(() -> new Topics(admin, 1, (short) -1).ensure(Duration.ofSeconds(30)))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("refused the login: check kafka.sasl.mechanism")
                    .message()
                    .doesNotContain("another-canary", PASSWORD);
        }
    }

    @Test
    void clientsUseNewCertificatesWithoutARestart() throws Exception {
        Path keystore = store("client", new Authority("nobody").issue("wurstwerk"));
        Path truststore = Authority.write(folder.resolve("changing.pem"), new Authority("nobody").pem());
        Map<String, Object> settings = tls("MUTUAL");
        settings.put("ssl.truststore.location", truststore.toString());
        settings.put("ssl.keystore.type", "PEM");
        settings.put("ssl.keystore.location", keystore.toString());
        try (Admin admin = Admin.create(settings);
                var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            assertThat(refusal(admin)).contains("add the issuer's certificate to the file of kafka.ssl.truststore");
            Authority.write(truststore, authority.pem());
            awaitRefusal(admin, "it refused this side");
            Authority.write(keystore, clients.issue("wurstwerk").both());
            awaitRefusal(admin, "none");
            await(PATIENCE, () -> read(consumer));
        }
    }

    @Test
    void aHalfWrittenFileChangesNothingAndAWholeOneIsReadAfterIt() throws Exception {
        Path changing = Authority.write(folder.resolve("torn.pem"), authority.pem());
        var now = new AtomicReference<>(Instant.EPOCH);
        try (var engines = new ReloadedTls(now::get)) {
            engines.configure(Map.of(
                    "ssl.protocol", "TLSv1.3",
                    "ssl.keystore.type", "PEM",
                    "ssl.truststore.type", "PEM",
                    "ssl.truststore.location", changing.toString()));
            KeyStore first = engines.truststore();
            Authority.write(changing, authority.pem().substring(0, 100));
            assertThat(engines.truststore()).isSameAs(first);
            now.set(Instant.EPOCH.plusSeconds(2));
            assertThat(engines.truststore()).isSameAs(first);
            assertThat(engines.createClientSslEngine("127.0.0.1", 1, "https")
                            .getSSLParameters()
                            .getEndpointIdentificationAlgorithm())
                    .isEqualTo("https");
            Authority.write(changing, clients.pem());
            assertThat(engines.truststore()).isSameAs(first);
            now.set(Instant.EPOCH.plusSeconds(4));
            assertThat(engines.truststore()).isNotSameAs(first);
        }
    }

    @Test
    void settingsThatLookSecuredAndAreNotAreRefused() {
        assertThatThrownBy(() -> KafkaTrouble.requireSecuredAsAsked(Map.of("ssl.truststore.location", "/ca.pem")))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("kafka.ssl.truststore.location is set, but kafka.security.protocol is PLAINTEXT");
        assertThatThrownBy(() -> KafkaTrouble.requireSecuredAsAsked(
                        Map.of("sasl.jaas.config", "secret", "security.protocol", "SSL")))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("kafka.sasl.jaas.config")
                .message()
                .doesNotContain("secret");
        KafkaTrouble.requireSecuredAsAsked(
                Map.of("sasl.jaas.config", "secret", "security.protocol", "SASL_SSL", "ssl.truststore.type", "PEM"));
    }

    private static Map<String, Object> tls(String listener) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka.secured(listener));
        settings.put("security.protocol", "SSL");
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.location", trusted.toString());
        settings.put("ssl.engine.factory.class", ReloadedTls.class.getName());
        return settings;
    }

    private static Map<String, Object> login(String password) {
        Map<String, Object> settings = tls("LOGIN");
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"alice\" password=\""
                        + password + "\";");
        return settings;
    }

    private static boolean read(Consumer<String, String> consumer) {
        try {
            return consumer.listTopics(Duration.ofSeconds(20)).containsKey("wurstwerk.progress");
        } catch (AuthenticationException refused) {
            return false;
        }
    }

    private static Path store(String name, Authority.Issued issued) throws Exception {
        return Authority.write(folder.resolve(name + ".pem"), issued.both());
    }

    private static String refusal(Admin admin) throws InterruptedException {
        try {
            new Topics(admin, 1, (short) -1).ensure(Duration.ofSeconds(30));
            return "none";
        } catch (TopicException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private static void awaitRefusal(Admin admin, String wanted) throws Exception {
        await(PATIENCE, () -> refusal(admin).contains(wanted));
    }
}
