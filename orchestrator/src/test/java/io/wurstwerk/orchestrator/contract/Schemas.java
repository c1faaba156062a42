package io.wurstwerk.orchestrator.contract;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reads the contract's documents and judges JSON by them. */
public final class Schemas {

    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final YAMLMapper YAML = new YAMLMapper();

    /** By the letter of the specification: formats are asserted, and 1.0 is an integer. */
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemaRegistryConfig(SchemaRegistryConfig.builder()
                    .formatAssertionsEnabled(true)
                    .losslessNarrowing(true)
                    .build()));

    private Schemas() {}

    public static JsonNode read(Document document) {
        try {
            return (document.path().endsWith(".yaml") ? YAML : JSON).readTree(document.bytes());
        } catch (IOException broken) {
            throw new UncheckedIOException(document.path() + " is broken", broken);
        }
    }

    /** What a schema has against a value; empty where it fits. */
    public static List<String> problems(Document schema, JsonNode value) {
        return problems(read(schema), value);
    }

    public static List<String> problems(JsonNode schema, JsonNode value) {
        Schema judge = REGISTRY.getSchema(schema);
        return judge.validate(value).stream().map(Error::toString).toList();
    }

    /** What the schema of schemas has against a schema. */
    public static List<String> flaws(JsonNode schema) {
        return REGISTRY
                .getSchema(com.networknt.schema.SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                .validate(schema)
                .stream()
                .map(Error::toString)
                .toList();
    }

    /** The same schema without references: what each points to within the document stands in its place. */
    public static JsonNode expanded(JsonNode schema, JsonNode document) {
        if (schema.has("$ref") && schema.get("$ref").textValue().startsWith("#")) {
            JsonNode target = document.at(schema.get("$ref").textValue().substring(1));
            return expanded(target, document);
        }
        return switch (schema) {
            case ObjectNode object -> {
                ObjectNode copy = JSON.createObjectNode();
                object.properties().forEach(entry -> copy.set(entry.getKey(), expanded(entry.getValue(), document)));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = JSON.createArrayNode();
                array.forEach(element -> copy.add(expanded(element, document)));
                yield copy;
            }
            default -> schema;
        };
    }

    /** The paths of all properties that an expanded schema names: {@code images[].url}. */
    public static Set<String> promised(JsonNode schema) {
        var paths = new TreeSet<String>();
        promised(schema, "", paths);
        return paths;
    }

    private static void promised(JsonNode schema, String path, Set<String> paths) {
        schema.path("properties").properties().forEach(property -> {
            String name = path + (path.isEmpty() ? "" : ".") + property.getKey();
            paths.add(name);
            promised(property.getValue(), name, paths);
        });
        if (schema.has("items")) {
            promised(schema.get("items"), path + "[]", paths);
        }
    }

    /** The paths of all properties that a value has, as {@link #promised} writes them. */
    public static Set<String> given(JsonNode value) {
        var paths = new TreeSet<String>();
        given(value, "", paths);
        return paths;
    }

    private static void given(JsonNode value, String path, Set<String> paths) {
        value.properties().forEach(property -> {
            String name = path + (path.isEmpty() ? "" : ".") + property.getKey();
            paths.add(name);
            given(property.getValue(), name, paths);
        });
        if (value.isArray()) {
            value.forEach(element -> given(element, path + "[]", paths));
        }
    }
}
