package io.wurstwerk.orchestrator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.apicurio.datamodels.Library;
import io.apicurio.datamodels.validation.ValidationProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentTest {

    /** Keywords of JSON Schema 2020-12 that the library's model of OpenAPI 3.1 does not know. */
    private static final Set<String> UNKNOWN_TO_THE_LIBRARY = Set.of("contains", "contentEncoding", "contentMediaType");

    @Test
    void everyFileOfTheContractIsADocumentAndEveryDocumentAFile() throws IOException {
        Path root = Path.of("src", "main", "resources", "contract");
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> root.relativize(file).toString().replace('\\', '/')))
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(Document.values()).map(Document::path).toList());
        }
        for (Document document : Document.values()) {
            assertThat(Document.at(document.path())).contains(document);
        }
        assertThat(Document.at("../application.properties")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "^(REQUEST|COMMAND|PROGRESS|[A-Z]+ED)$")
    void everySchemaIsOneAndIsClosed(Document document) {
        JsonNode schema = Schemas.read(document);
        assertThat(Schemas.flaws(schema)).isEmpty();
        assertThat(schema.path("$schema").textValue()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
        assertThat(schema.findParents("properties"))
                .isNotEmpty()
                .allSatisfy(
                        object -> assertThat(object.path("additionalProperties").isBoolean()
                                        && !object.path("additionalProperties").booleanValue())
                                .isTrue());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAPI", "ASYNCAPI"})
    void theDocumentsFollowTheirOwnSpecifications(Document document) {
        ObjectNode root = (ObjectNode) Schemas.read(document);
        List<ValidationProblem> problems = Library.validate(Library.readDocument(root.deepCopy()), null);
        assertThat(problems.stream()
                        .filter(problem -> !UNKNOWN_TO_THE_LIBRARY.contains(problem.property))
                        // Its numbers have 64 bits; a seed may have more.
                        .filter(problem -> !problem.nodePath.toString().contains("[seed]"))
                        .map(problem -> problem.nodePath + " " + problem.property + ": " + problem.message))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAPI", "ASYNCAPI"})
    void everyReferenceLeadsSomewhereAndEveryComponentIsUsed(Document document) {
        JsonNode root = Schemas.read(document);
        var used = new TreeSet<String>();
        for (JsonNode reference : root.findValues("$ref")) {
            String target = reference.textValue();
            if (target.startsWith("#")) {
                assertThat(root.at(target.substring(1)).isMissingNode())
                        .as(target)
                        .isFalse();
                used.add(target);
            } else {
                assertThat(Document.at(target)).as(target).isPresent();
            }
        }
        // These are told in words: streams and catalogues have no other way.
        Set<String> described = Set.of("#/components/schemas/JobProgress", "#/components/schemas/JobPreview");
        root.path("components").properties().forEach(kind -> {
            if (!kind.getKey().equals("securitySchemes")) {
                kind.getValue().fieldNames().forEachRemaining(name -> {
                    String component = "#/components/" + kind.getKey() + "/" + name;
                    assertThat(used.contains(component) || described.contains(component))
                            .as(component)
                            .isTrue();
                });
            }
        });
    }

    @Test
    void everySchemaOfTheHttpApiIsASchemaAndEveryObjectInAnAnswerIsClosed() {
        Schemas.read(Document.OPENAPI).at("/components/schemas").properties().forEach(schema -> {
            assertThat(Schemas.flaws(schema.getValue())).as(schema.getKey()).isEmpty();
            assertThat(schema.getValue().findParents("properties"))
                    .as(schema.getKey())
                    .allSatisfy(object ->
                            assertThat(object.has("additionalProperties")).isTrue());
        });
    }

    /** The HTTP API's document stands alone, so that every tool reads it; what it repeats must be the same. */
    @ParameterizedTest
    @CsvSource({
        "ImageRequest, REQUEST, ''",
        "StoredImage, COMPLETED, /properties/images/items",
        "Timings, COMPLETED, /properties/timings",
        "Cost, COMPLETED, /properties/cost",
        "FieldProblem, REJECTED, /properties/problems/items",
        "JobProgress, PROGRESS, ''"
    })
    void theHttpApiRepeatsTheEventsWordForWord(String component, Document document, String pointer) {
        JsonNode api = Schemas.read(Document.OPENAPI);
        JsonNode schema = Schemas.read(document);
        if (document == Document.PROGRESS) {
            // The stream tells of a preview in an event of its own.
            ((ObjectNode) schema.path("properties")).remove("preview");
        }
        assertThat(rules(Schemas.expanded(api.at("/components/schemas/" + component), api)))
                .isEqualTo(rules(Schemas.expanded(schema, schema).at(pointer)));
    }

    @Test
    void aJobOverHttpHasEveryFieldOfEveryTerminalEvent() {
        JsonNode api = Schemas.read(Document.OPENAPI);
        Set<String> fields = Schemas.promised(Schemas.expanded(api.at("/components/schemas/Job"), api));
        for (Document event :
                List.of(Document.COMPLETED, Document.FAILED, Document.REJECTED, Document.CANCELLED, Document.EXPIRED)) {
            JsonNode schema = Schemas.read(event);
            assertThat(fields).as(event.path()).containsAll(Schemas.promised(Schemas.expanded(schema, schema)));
        }
    }

    @Test
    void theRequestThatAJobRepeatsHasTheFieldsOfARequest() {
        JsonNode api = Schemas.read(Document.OPENAPI);
        assertThat(names(api.at("/components/schemas/Parameters/properties")))
                .isEqualTo(names(Schemas.read(Document.REQUEST).path("properties")));
    }

    @Test
    void theHttpApiNamesEveryEventsSchema() {
        Set<String> served = Schemas.read(Document.OPENAPI)
                .at("/paths/~1contract~1events~1{document}/parameters/0/schema/enum")
                .valueStream()
                .map(name -> "events/" + name.textValue())
                .collect(Collectors.toSet());
        assertThat(served)
                .isEqualTo(Arrays.stream(Document.values())
                        .map(Document::path)
                        .filter(path -> path.startsWith("events/"))
                        .collect(Collectors.toSet()));
    }

    private static Set<String> names(JsonNode object) {
        var names = new TreeSet<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** A schema without what only describes it. */
    private static JsonNode rules(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            ObjectNode copy = object.deepCopy();
            copy.remove(List.of("$schema", "$id", "$defs", "title"));
            if (!copy.path("description").isObject()) {
                copy.remove("description");
            }
            copy.properties().forEach(entry -> entry.setValue(rules(entry.getValue())));
            return copy;
        }
        if (schema.isArray()) {
            var copy = Schemas.JSON.createArrayNode();
            schema.forEach(element -> copy.add(rules(element)));
            return copy;
        }
        return schema.isNumber() ? Schemas.JSON.getNodeFactory().numberNode(schema.decimalValue()) : schema;
    }
}
