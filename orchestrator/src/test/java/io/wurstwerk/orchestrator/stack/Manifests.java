package io.wurstwerk.orchestrator.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What Wurstwerk is delivered with: the files below {@code k8s}, and the compose file. */
public final class Manifests {
    private static final Path ROOT = Path.of("..");
    private static final Path KUBERNETES = ROOT.resolve("k8s");
    private static final ObjectReader YAML = new YAMLMapper().readerFor(JsonNode.class);

    private Manifests() {}

    /** The documents of one kind in a file below {@code k8s}; at least one. */
    public static List<JsonNode> documents(String file, String kind) throws IOException {
        List<JsonNode> found = documents(KUBERNETES.resolve(file)).stream()
                .filter(document -> document.path("kind").asText().equals(kind))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("no " + kind + " in " + file);
        }
        return found;
    }

    /** Every document below {@code k8s}. */
    public static List<JsonNode> all() throws IOException {
        try (Stream<Path> files = Files.walk(KUBERNETES)) {
            List<JsonNode> documents = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                documents.addAll(documents(file));
            }
            return documents;
        }
    }

    /** The settings of the orchestrators that a folder below {@code k8s} names for the environment. */
    public static Map<String, String> settings(String folder) throws IOException {
        return settings(documents(KUBERNETES.resolve(folder).resolve("kustomization.yaml"))
                .getFirst());
    }

    /** The same of a kustomization. */
    public static Map<String, String> settings(JsonNode kustomization) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (JsonNode generator : kustomization.path("configMapGenerator")) {
            for (JsonNode literal : generator.path("literals")) {
                String[] pair = literal.textValue().split("=", 2);
                settings.put(pair[0], pair[1]);
            }
        }
        return settings;
    }

    public static JsonNode compose() throws IOException {
        return documents(ROOT.resolve("docker-compose.yml")).getFirst();
    }

    private static List<JsonNode> documents(Path file) throws IOException {
        try (var documents = YAML.<JsonNode>readValues(file.toFile())) {
            return documents.readAll();
        }
    }
}
