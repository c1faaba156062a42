package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.awaitReady;
import static io.wurstwerk.orchestrator.stack.Parts.config;
import static io.wurstwerk.orchestrator.stack.Parts.withBucket;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.TlsServerCredentials;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.stack.ApiClient;
import io.wurstwerk.orchestrator.stack.ApiClient.Answer;
import io.wurstwerk.orchestrator.stack.Authority;
import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Patience;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.S3Server;
import io.wurstwerk.orchestrator.stack.SecuredResource;
import io.wurstwerk.orchestrator.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything goes over TLS, with names and passwords, and every secret and every prompt is a canary that is looked for in
 * everything that the application says. A further output is one more entry in {@link #outputs}.
 */
@QuarkusTest
@WithTestResource(value = SecuredResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class CanaryTest {

    /**
     * What must not be seen.
     *
     * @param places outputs that must carry it all the same
     */
    private record Canary(String name, String text, Set<String> places) {}

    private static final String PROMPT = "prompt-canary-b41f";
    private static final String NEGATIVE = "negative-canary-90ce";
    private static final String ANSWERS = "answers over HTTP";
    private static final String OBJECTS = "objects";
    private static final String FOREIGN_FIELD = "field-canary-7a35";
    /** What a job's owner has to know to draw it, the bytes that were sent, and the copy of those that failed. */
    private static final Set<String> CARRIERS = Set.of(
            Topic.PROMPTS.topicName(), Topic.SUBMISSIONS.topicName(), Topic.PARKED.topicName(), Topic.JOBS.topicName());

    /** A refusal names the fields that nobody asked for, to their sender. */
    private static final Set<String> ECHOES = Stream.concat(
                    CARRIERS.stream(), Stream.of(Topic.IMAGES.topicName(), ANSWERS, OBJECTS))
            .collect(Collectors.toSet());

    private static final List<Canary> CANARIES = List.of(
            new Canary("prompt", PROMPT, CARRIERS),
            new Canary("negative prompt", NEGATIVE, CARRIERS),
            new Canary("name of an unknown field", FOREIGN_FIELD, ECHOES),
            new Canary("API key", SecuredResource.API_KEY, Set.of()),
            new Canary("store's secret", S3Server.SECRET_KEY, Set.of()),
            new Canary("reader's secret", S3Server.READER.secret(), Set.of()),
            new Canary("tenants' secret", SecuredResource.TENANT_SECRET, Set.of()),
            new Canary("SASL password", SecuredResource.SASL_PASSWORD, Set.of()),
            new Canary("key's passphrase", SecuredResource.PASSPHRASE, Set.of()));

    private static final String QUICK = "{\"prompt\": \"a " + PROMPT + "\", \"negative_prompt\": \"no " + NEGATIVE
            + "\", \"prior\": \"base\", \"prior_num_inference_steps\": 3, \"num_inference_steps\": 2, \"width\": 128,"
            + " \"height\": 128}";

    @TempDir
    static Path objects;

    private static Path certificates;
    private static Parts parts;
    private static ApiClient acme;
    private static ApiClient stranger;
    private static final List<String> said = new ArrayList<>();

    /** Ends every connection to Kafka; new ones are possible at once. */
    Runnable cut;

    @BeforeAll
    static void start() throws Exception {
        certificates = Path.of(config(SecuredResource.FOLDER));
        parts = new Parts(
                withBucket(objects),
                TlsServerCredentials.newBuilder()
                        .keyManager(
                                file("triton.pem").toFile(), file("triton.key").toFile())
                        .trustManager(file("ca.pem").toFile())
                        .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                        .build(),
                issued("store").context());
        acme = new ApiClient(config("test.url"), SecuredResource.API_KEY);
        stranger = new ApiClient(config("test.url"), null);
        awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        parts.close();
    }

    @Test
    void nothingSecretIsSaidWhateverHappens() throws Exception {
        Answer drawn = hear(acme.post("/v1/images", QUICK, "Prefer", "wait=60"));
        assertThat(drawn.state()).isEqualTo("completed");
        parts.triton.mood = Mood.REFUSING;
        assertThat(hear(acme.post("/v1/images", QUICK, "Prefer", "wait=60")).state())
                .isEqualTo("failed");
        parts.triton.mood = Mood.NOT_A_NUMBER;
        assertThat(hear(acme.post("/v1/images", QUICK, "Prefer", "wait=60")).state())
                .isEqualTo("failed");
        parts.triton.mood = Mood.FINE;
        cancelOne();
        refuseSome();
        loseKafkaAndFindItAgain();
        loseStoreAndModelsAndFindThemAgain();
        assertSilent();
    }

    private static void cancelOne() throws Exception {
        parts.triton.hold();
        Answer begun = hear(acme.post("/v1/images", QUICK));
        hear(acme.delete("/v1/images/" + begun.job()));
        parts.triton.release();
        await(() -> "cancelled".equals(acme.get("/v1/images/" + begun.job()).state()));
    }

    private static void refuseSome() throws Exception {
        hear(acme.post("/v1/images", "{\"prompt\": \"" + PROMPT + "\", \"" + FOREIGN_FIELD + "\": 1}"));
        hear(acme.post("/v1/images", "{\"prompt\": \"" + PROMPT + "\", oops"));
        hear(stranger.post("/v1/images", QUICK));
        hear(new ApiClient(config("test.url"), SecuredResource.API_KEY + "x").get("/v1/images"));
        hear(acme.get("/v1/" + PROMPT.length()));
        hear(acme.get("/v1/images/none"));
        try (var prompts = new Prompts(config(SecuredResource.OPEN_KAFKA))) {
            prompts.send("bad-json", "{\"prompt\": \"" + PROMPT + "\", oops}");
            prompts.send("bad-field", "{\"prompt\": \"" + PROMPT + "\", \"" + FOREIGN_FIELD + "\": 1}");
            prompts.send("good", QUICK);
        }
        await(() -> images().contains("\"id\":\"good\""));
        assertThat(images()).contains("\"id\":\"bad-json\"", "\"id\":\"bad-field\"");
    }

    /** The broker cannot be trusted for a while: what runs waits, and goes on when the right file is back. */
    private void loseKafkaAndFindItAgain() throws Exception {
        parts.triton.hold();
        Answer running = hear(acme.post("/v1/images", QUICK));
        await(() -> parts.triton.calls("stage_c_base") > 0
                && !"submitted".equals(acme.get("/v1/images/" + running.job()).state()));
        Path trusted = file("kafka-ca.pem");
        String right = Files.readString(trusted);
        Authority.write(trusted, Files.readString(file("stranger.pem")));
        cut.run();
        await(() -> log().contains("add the issuer's certificate to the file of kafka.ssl.truststore.location"));
        hear(acme.post("/v1/images", QUICK));
        parts.triton.release();
        Authority.write(trusted, right);
        await(() -> "completed".equals(acme.get("/v1/images/" + running.job()).state()));
        await(() -> {
            Answer again = hear(acme.post("/v1/images", QUICK, "Prefer", "wait=60"));
            return again.status() == 200 && "completed".equals(again.state());
        });
        try (var prompts = new Prompts(config(SecuredResource.OPEN_KAFKA))) {
            prompts.send("after", QUICK);
        }
        await(() -> images().contains("\"id\":\"after\""));
    }

    private static void loseStoreAndModelsAndFindThemAgain() throws Exception {
        Authority stranger = new Authority("stranger");
        parts.store.close();
        parts.startStore(stranger.issue("store", "127.0.0.1").context());
        Answer waiting = hear(acme.post("/v1/images", QUICK));
        await(() -> log().contains("add the issuer's certificate to the file of wurstwerk.store.tls.ca"));
        parts.store.close();
        parts.startStore();
        await(() -> "completed".equals(acme.get("/v1/images/" + waiting.job()).state()));
    }

    private static void assertSilent() throws Exception {
        Map<String, String> outputs = outputs();
        // A canary that is nowhere proves nothing.
        assertThat(outputs.get(Topic.SUBMISSIONS.topicName())).contains(PROMPT, NEGATIVE);
        assertThat(outputs.get("log")).contains("bucket wurstwerk is there");
        for (Canary canary : CANARIES) {
            outputs.forEach((place, contents) -> {
                if (!canary.places().contains(place)) {
                    int at = contents.indexOf(canary.text());
                    assertThat(at < 0 ? "" : around(contents, at))
                            .as("the %s in %s", canary.name(), place)
                            .isEmpty();
                }
            });
        }
    }

    private static String around(String contents, int at) {
        return contents.substring(Math.max(0, at - 200), Math.min(contents.length(), at + 100));
    }

    /** Everything that the application has said so far, by the place where it was said. */
    private static Map<String, String> outputs() throws Exception {
        Map<String, String> outputs = new TreeMap<>();
        outputs.put("log", log());
        outputs.put(ANSWERS, String.join("\n", said));
        for (String page : List.of("/q/health", "/q/health/ready", "/q/health/live", "/q/metrics", "/")) {
            outputs.put(page, whole(stranger.get(page)));
        }
        for (Topic topic : Topic.values()) {
            outputs.put(topic.topicName(), contents(topic.topicName()));
        }
        try (Stream<Path> stored = Files.walk(objects)) {
            StringBuilder all = new StringBuilder();
            for (Path object : stored.filter(Files::isRegularFile).toList()) {
                all.append(object).append(Files.readString(object, ISO_8859_1));
            }
            outputs.put(OBJECTS, all.toString());
        }
        return outputs;
    }

    /** What a tenant is told about its own job names its own words; what it is told of a refusal does not. */
    private static Answer hear(Answer answer) {
        if (answer.status() >= 400 || answer.state() == null) {
            said.add(whole(answer));
        } else {
            said.add(answer.response().headers().map().toString());
        }
        return answer;
    }

    private static String whole(Answer answer) {
        return answer.status() + " " + answer.response().headers().map() + "\n"
                + answer.response().body();
    }

    private static String log() throws Exception {
        return Files.readString(SecuredResource.LOG);
    }

    private static String images() {
        return contents(Topic.IMAGES.topicName());
    }

    /** Keys, headers and values of a topic's records, those of transactions that were taken back among them. */
    private static String contents(String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", (Object) config(SecuredResource.OPEN_KAFKA)),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            StringBuilder all = new StringBuilder();
            long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                assertThat(System.nanoTime()).as("read %s for 30 s", topic).isLessThan(limit);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    append(all, record.key());
                    for (Header header : record.headers()) {
                        all.append(header.key()).append('=');
                        append(all, header.value());
                    }
                    append(all, record.value());
                }
            }
            return all.toString();
        }
    }

    private static void append(StringBuilder all, byte[] bytes) {
        all.append(bytes == null ? "" : new String(bytes, UTF_8)).append('\n');
    }

    private static Path file(String name) {
        return certificates.resolve(name);
    }

    private static Authority.Issued issued(String name) throws Exception {
        try (var in = Files.newInputStream(file(name + ".pem"))) {
            var certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            String key = Files.readString(file(name + ".key")).replaceAll("-----[A-Z ]+-----|\\s", "");
            var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key));
            return new Authority.Issued(
                    certificate, KeyFactory.getInstance("EC").generatePrivate(spec));
        }
    }

    /** One look alone may be a minute's wait for a picture. */
    private static void await(Patience.Condition condition) throws Exception {
        Patience.await(Duration.ofSeconds(90), condition);
    }
}
