package io.wurstwerk.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.WithDefault;
import io.smallrye.health.api.HealthGroup;
import io.wurstwerk.orchestrator.stack.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;

/** What the manifests and the compose file say of the orchestrator is what the code says. */
class KubernetesTest {
    private static final String CELL = "base/cell/orchestrator.yaml";
    private static final Pattern METRIC = Pattern.compile("wurstwerk_[a-z_]+");
    private static final Pattern METER = Pattern.compile("\"(wurstwerk\\.[a-z.]+)\"");

    @Test
    void everySettingInTheEnvironmentIsOneThatTheCodeReads() throws Exception {
        Set<String> named = new TreeSet<>();
        for (JsonNode document : Manifests.all()) {
            named.addAll(Manifests.settings(document).keySet());
        }
        container()
                .path("env")
                .forEach(variable -> named.add(variable.path("name").textValue()));
        composed().path("environment").fieldNames().forEachRemaining(named::add);
        assertThat(named).contains("WURSTWERK_TRITON_SHARE", "WURSTWERK_KAFKA_INSTANCE", "KAFKA_SECURITY_PROTOCOL");

        Set<String> unread = new TreeSet<>(named);
        unread.removeAll(variables(settings()));
        unread.removeIf(name -> name.startsWith("KAFKA_") && kafka().contains(name));
        assertThat(unread).isEmpty();
    }

    @Test
    void whatTheCodeHasNoDefaultForIsSet() throws Exception {
        Set<String> wanted = Set.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                "WURSTWERK_KAFKA_INSTANCE",
                "WURSTWERK_TRITON_ENDPOINT",
                "WURSTWERK_STORE_ENDPOINT",
                "WURSTWERK_STORE_ACCESS_KEY",
                "WURSTWERK_STORE_SECRET_KEY",
                "WURSTWERK_STORE_TENANT_SECRET");
        Set<String> kubernetes = new HashSet<>(Manifests.settings("base/cell").keySet());
        container()
                .path("env")
                .forEach(variable -> kubernetes.add(variable.path("name").textValue()));
        Set<String> compose = new HashSet<>();
        composed().path("environment").fieldNames().forEachRemaining(compose::add);

        assertThat(kubernetes).containsAll(wanted);
        assertThat(compose).containsAll(wanted);
    }

    @Test
    void theNameOfAMemberIsThatOfItsPod() throws Exception {
        for (JsonNode variable : container().path("env")) {
            if (variable.path("name").textValue().equals("WURSTWERK_KAFKA_INSTANCE")) {
                assertThat(variable.at("/valueFrom/fieldRef/fieldPath").textValue())
                        .isEqualTo("metadata.name");
                return;
            }
        }
        throw new AssertionError("no WURSTWERK_KAFKA_INSTANCE");
    }

    @Test
    void filesInSettingsAreMounted() throws Exception {
        List<String> mounts = new ArrayList<>();
        container()
                .path("volumeMounts")
                .forEach(mount -> mounts.add(mount.path("mountPath").textValue() + "/"));
        Map<String, String> files = new TreeMap<>(Manifests.settings("base/cell"));
        files.values().removeIf(value -> !value.startsWith("/"));
        assertThat(files)
                .hasSize(4)
                .allSatisfy((setting, file) -> assertThat(mounts).as(setting).anyMatch((file + "/")::startsWith));
    }

    @Test
    void groupsAndTransactionsHaveTheNamesOfTheCode() throws Exception {
        String engine = (String) constant("ownership.KafkaClients", "GROUP");
        Map<String, Set<String>> allowed = allowed("wurstwerk-orchestrator");
        assertThat(allowed.keySet().stream().filter(resource -> !resource.startsWith("topic ")))
                .containsExactlyInAnyOrder(
                        "group literal " + engine,
                        "group literal " + shipped("mp.messaging.incoming.prompts.group.id"),
                        "transactionalId prefix " + engine + "-");
    }

    @Test
    void probesAskWhatThereIsToAsk() throws Exception {
        Set<String> there = new TreeSet<>(Set.of("/q/health/started", "/q/health/live", "/q/health/ready"));
        for (var method : type("api.ReadinessChecks").getDeclaredMethods()) {
            HealthGroup group = method.getAnnotation(HealthGroup.class);
            if (group != null) {
                there.add("/q/health/group/" + group.value());
            }
        }
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            assertThat(there)
                    .contains(container().at("/" + probe + "/httpGet/path").textValue());
        }
        assertThat(container().at("/readinessProbe/httpGet/path").textValue())
                .isEqualTo("/q/health/group/" + constant("api.ReadinessChecks", "DOOR"));
        assertThat(container().at("/ports/0/containerPort").asText()).isEqualTo(shipped("quarkus.http.port"));
        JsonNode monitor = Manifests.documents("base/shared/monitors.yaml", "ServiceMonitor")
                .getFirst();
        assertThat(monitor.at("/spec/endpoints/0/path").textValue())
                .isEqualTo("/q/" + shipped("quarkus.micrometer.export.prometheus.path"));
    }

    /** Who ends by itself says why; a probe that ends it first hides that. */
    @Test
    void aStartMayTakeAsLongAsItLooksForABroker() throws Exception {
        JsonNode probe = container().path("startupProbe");
        Duration patience = Duration.ofSeconds(probe.path("periodSeconds").longValue()
                * probe.path("failureThreshold").longValue());
        Duration looking = Duration.parse(type("topic.KafkaConfig")
                .getMethod("startTimeout")
                .getAnnotation(WithDefault.class)
                .value());
        assertThat(patience).isGreaterThanOrEqualTo(looking.plusSeconds(30));
    }

    @Test
    void aStopMayTakeAsLongAsPartitionsNeedToComeToRest() throws Exception {
        Duration rest = ((Duration) constant("ownership.Membership", "REST"))
                .plus((Duration) constant("ownership.Membership", "LEAVE"));
        JsonNode pod = Manifests.documents(CELL, "StatefulSet").getFirst().at("/spec/template/spec");
        Duration grace =
                Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").longValue());
        Duration pause = Duration.ofSeconds(
                container().at("/lifecycle/preStop/sleep/seconds").longValue());
        Duration others = Duration.ofSeconds(20);

        assertThat(grace).isGreaterThanOrEqualTo(pause.plus(rest).plus(others));
        assertThat(Duration.parse(
                        "PT" + composed().path("stop_grace_period").textValue().toUpperCase(Locale.ROOT)))
                .isGreaterThanOrEqualTo(rest.plus(others));
    }

    @Test
    void scalingAsksForMetricsThatTheCodeHas() throws Exception {
        Set<String> asked = new TreeSet<>();
        for (JsonNode document : Manifests.all()) {
            Matcher matcher = METRIC.matcher(document.toString());
            if (document.path("kind").asText().equals("ScaledObject")
                    || document.path("kind").asText().equals("Kustomization")) {
                matcher.results().forEach(found -> asked.add(found.group()));
            }
        }
        assertThat(asked).contains("wurstwerk_jobs_open", "wurstwerk_lane_ready");
        assertThat(meters()).containsAll(asked);
    }

    private static Set<String> meters() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            Set<String> names = new TreeSet<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String text = Files.readString(file);
                if (!text.contains("import io.micrometer.")) {
                    continue;
                }
                METER.matcher(text).results().forEach(found -> {
                    String meter = found.group(1).replace('.', '_');
                    names.add(meter);
                    names.add(meter + "_seconds");
                    names.add(meter + "_total");
                });
            }
            return names;
        }
    }

    private static JsonNode container() throws IOException {
        return Manifests.documents(CELL, "StatefulSet").getFirst().at("/spec/template/spec/containers/0");
    }

    private static JsonNode composed() throws IOException {
        return Manifests.compose().at("/services/orchestrator");
    }

    private static Map<String, Set<String>> allowed(String user) throws IOException {
        Map<String, Set<String>> allowed = new TreeMap<>();
        for (JsonNode document : Manifests.documents("base/shared/users.yaml", "KafkaUser")) {
            if (document.at("/metadata/name").textValue().equals(user)) {
                for (JsonNode acl : document.at("/spec/authorization/acls")) {
                    JsonNode resource = acl.path("resource");
                    Set<String> operations = new TreeSet<>();
                    acl.path("operations").forEach(operation -> operations.add(operation.textValue()));
                    allowed.put(
                            resource.path("type").textValue() + " "
                                    + resource.path("patternType").textValue() + " "
                                    + resource.path("name").textValue(),
                            operations);
                }
            }
        }
        return allowed;
    }

    /** Names of every setting: those that are mapped, here or in an extension, and those with a value in the file. */
    private static Set<String> settings() throws Exception {
        Set<String> names = new TreeSet<>(shipped().stringPropertyNames());
        ClassLoader loader = KubernetesTest.class.getClassLoader();
        for (URL list : Collections.list(loader.getResources("META-INF/quarkus-config-roots.list"))) {
            try (InputStream lines = list.openStream()) {
                for (String type :
                        new String(lines.readAllBytes(), UTF_8).lines().toList()) {
                    Class<?> mapped = Class.forName(type, false, loader);
                    if (mapped.isAnnotationPresent(ConfigMapping.class)) {
                        names.addAll(
                                ConfigClass.configClass(mapped).getProperties().keySet());
                    }
                }
            }
        }
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.wurstwerk.orchestrator")) {
            if (type.isAnnotatedWith(ConfigMapping.class)) {
                names.addAll(ConfigClass.configClass(Class.forName(type.getName()))
                        .getProperties()
                        .keySet());
            }
        }
        return names;
    }

    private static Set<String> variables(Set<String> settings) {
        return settings.stream()
                .map(name -> name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    /** Settings of Kafka's clients, with the prefix that makes them all clients'. */
    private static Set<String> kafka() {
        return variables(
                Stream.of(ConsumerConfig.configNames(), ProducerConfig.configNames(), AdminClientConfig.configNames())
                        .flatMap(Set::stream)
                        .map(name -> "kafka." + name)
                        .collect(Collectors.toSet()));
    }

    private static String shipped(String key) throws IOException {
        return shipped().getProperty(key);
    }

    private static Properties shipped() throws IOException {
        Properties shipped = new Properties();
        try (InputStream file = Files.newInputStream(Path.of("src/main/resources/application.properties"))) {
            shipped.load(file);
        }
        return shipped;
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName("io.wurstwerk.orchestrator." + name);
    }

    private static Object constant(String type, String name) throws ReflectiveOperationException {
        Field field = type(type).getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }
}
