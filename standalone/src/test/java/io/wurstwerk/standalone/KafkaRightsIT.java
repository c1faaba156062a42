package io.wurstwerk.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The orchestrator on a Kafka with the topics of the manifests, and with the rights that they give it. */
final class KafkaRightsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path SHARED = ROOT.resolve("k8s/base/shared");
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    Path folder;

    private final Ports ports = Ports.free();
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theOrchestratorNeedsEveryRightThatItIsGivenAndNoOther() throws Exception {
        List<AclBinding> rights = rights();
        S3Proxy store = store();
        try (var kafka = new GuardedKafka(folder.resolve("kafka"));
                var worker = Worker.start(WorkerOptions.of(ROOT.resolve("triton-models/repository")))) {
            prepare(kafka, rights);
            Process orchestrator = orchestrator(kafka, worker);
            try {
                await(() -> ask("GET", "/q/health/ready", "").statusCode() == 200, orchestrator);

                JsonNode drawn = order("wait=60", "{\"prompt\": \"a star\", \"prior_num_inference_steps\": 2}");
                assertThat(drawn.path("state").textValue()).as("%s", drawn).isEqualTo("completed");
                JsonNode begun = order("wait=0", "{\"prompt\": \"a ring\", \"prior_num_inference_steps\": 200}");
                ask("DELETE", "/v1/images/" + begun.path("job_id").textValue(), "");
                sendUnreadable(kafka);

                await(() -> unused(rights).isEmpty(), orchestrator);
                assertThat(GuardedKafka.denied()).isEmpty();
            } finally {
                orchestrator.destroy();
                if (!orchestrator.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    orchestrator.destroyForcibly();
                }
            }
        } finally {
            store.stop();
            http.close();
        }
    }

    /** Rights that nothing has been done with yet. */
    private static Set<String> unused(List<AclBinding> rights) {
        List<GuardedKafka.Deed> deeds = GuardedKafka.allowed();
        return rights.stream()
                .filter(right -> deeds.stream().noneMatch(deed -> covers(right, deed)))
                .map(right -> right.pattern() + " " + right.entry().operation())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean covers(AclBinding right, GuardedKafka.Deed deed) {
        ResourcePattern pattern = right.pattern();
        boolean named = pattern.patternType() == PatternType.PREFIXED
                ? deed.name().startsWith(pattern.name())
                : deed.name().equals(pattern.name());
        return named
                && deed.type().equals(pattern.resourceType().name())
                && deed.operation().equals(right.entry().operation().name());
    }

    private static List<AclBinding> rights() throws IOException {
        List<AclBinding> rights = new ArrayList<>();
        for (JsonNode user : documents("users.yaml")) {
            if (user.at("/metadata/name").textValue().equals("wurstwerk-orchestrator")) {
                for (JsonNode acl : user.at("/spec/authorization/acls")) {
                    JsonNode resource = acl.path("resource");
                    ResourceType type = switch (resource.path("type").textValue()) {
                        case "topic" -> ResourceType.TOPIC;
                        case "group" -> ResourceType.GROUP;
                        case "transactionalId" -> ResourceType.TRANSACTIONAL_ID;
                        default -> throw new IllegalArgumentException("unknown resource " + resource);
                    };
                    PatternType pattern =
                            resource.path("patternType").textValue().equals("prefix")
                                    ? PatternType.PREFIXED
                                    : PatternType.LITERAL;
                    for (JsonNode operation : acl.path("operations")) {
                        rights.add(new AclBinding(
                                new ResourcePattern(type, resource.path("name").textValue(), pattern),
                                new AccessControlEntry(
                                        GuardedKafka.USER,
                                        "*",
                                        operation(operation.textValue()),
                                        AclPermissionType.ALLOW)));
                    }
                }
            }
        }
        assertThat(rights).isNotEmpty();
        return rights;
    }

    /** Strimzi writes them in camel case. */
    private static AclOperation operation(String name) {
        return AclOperation.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    private static List<JsonNode> documents(String file) throws IOException {
        try (var documents = YAML.readerFor(JsonNode.class)
                .<JsonNode>readValues(SHARED.resolve(file).toFile())) {
            return documents.readAll();
        }
    }

    private static void prepare(GuardedKafka kafka, List<AclBinding> rights) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (JsonNode topic : documents("topics.yaml")) {
            Map<String, String> settings = new TreeMap<>();
            topic.at("/spec/config")
                    .properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asText()));
            // One broker.
            settings.put("min.insync.replicas", "1");
            topics.add(new NewTopic(
                            topic.at("/metadata/name").textValue(),
                            Optional.of(topic.at("/spec/partitions").intValue()),
                            Optional.of((short) 1))
                    .configs(settings));
        }
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", kafka.trusted()))) {
            admin.createTopics(topics).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            admin.createAcls(rights).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void sendUnreadable(GuardedKafka kafka) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.trusted(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("wurstwerk.prompts", "no request"))
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private S3Proxy store() throws Exception {
        S3Proxy store = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(
                        Files.createDirectory(folder.resolve("store")).toString()))
                .endpoint(URI.create("http://127.0.0.1:" + ports.store()))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "access", "secret")
                .build();
        store.start();
        return store;
    }

    private Process orchestrator(GuardedKafka kafka, Worker worker) throws IOException {
        Path application = ROOT.resolve("orchestrator/target/quarkus-app");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "@" + ROOT.resolve("docker/orchestrator/java.args"))
                .directory(application.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("orchestrator.log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", Integer.toString(ports.http()),
                        "KAFKA_BOOTSTRAP_SERVERS", kafka.guarded(),
                        "WURSTWERK_KAFKA_INSTANCE", "orchestrator-0",
                        "WURSTWERK_KAFKA_CREATE_TOPICS", "false",
                        "WURSTWERK_TRITON_ENDPOINT", "127.0.0.1:" + worker.grpcPort(),
                        "WURSTWERK_STORE_ENDPOINT", "http://127.0.0.1:" + ports.store(),
                        "WURSTWERK_STORE_ACCESS_KEY", "access",
                        "WURSTWERK_STORE_SECRET_KEY", "secret",
                        "WURSTWERK_STORE_TENANT_SECRET", "hidden"));
        return builder.start();
    }

    private JsonNode order(String preference, String body) throws Exception {
        return JSON.readTree(
                ask("POST", "/v1/images", body, "Prefer", preference).body());
    }

    private HttpResponse<String> ask(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.http() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body, UTF_8))
                .header("Content-Type", "application/json")
                .timeout(LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(Condition condition, Process orchestrator) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() > end || !orchestrator.isAlive()) {
                throw new AssertionError("unused: " + unused(rights()) + "; denied: " + GuardedKafka.denied() + "; "
                        + Files.readString(folder.resolve("orchestrator.log")));
            }
            Thread.sleep(50);
        }
    }

    /** Nobody listens yet while the orchestrator starts. */
    private static boolean holds(Condition condition) throws Exception {
        try {
            return condition.holds();
        } catch (IOException notYet) {
            return false;
        }
    }
}
