package io.wurstwerk.orchestrator.ownership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.Drawing;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Sketch;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Timings;
import io.wurstwerk.orchestrator.job.Usage;
import io.wurstwerk.orchestrator.topic.Topic;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events and their schemas in both directions: what is emitted is promised, and what is promised is emitted. */
class EventContractTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00.5Z");
    private static final Origin ORIGIN = new Origin("acme", "/shop", "order-17");
    private static final JobId JOB = JobId.of(ORIGIN);
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final Set<String> MAY_BE_ABSENT =
            Set.of("PROGRESS preview", "COMPLETED cost", "COMPLETED joules", "COMPLETED grams_co2e");
    private static final Sketch SKETCH =
            new Sketch("drafts/v1/0123456789abcdef/" + JOB + "/0.latents", "0b".repeat(32), 640, 96, 48);

    @ParameterizedTest
    @EnumSource(names = {"COMPLETED", "FAILED", "REJECTED", "CANCELLED", "EXPIRED", "PROGRESS"})
    void whatIsEmittedFitsAndWhatIsPromisedIsEmitted(Document document) throws IOException {
        JsonNode schema = Schemas.expanded(Schemas.read(document), Schemas.read(document));
        var given = new TreeSet<String>();
        for (ProducerRecord<String, byte[]> event : events(document)) {
            JsonNode data = Schemas.JSON.readTree(event.value());
            assertThat(Schemas.problems(schema, data)).isEmpty();
            assertThat(Schemas.given(data)).as("required").containsAll(required(schema));
            given.addAll(Schemas.given(data));
        }
        assertThat(given).isEqualTo(Schemas.promised(schema));
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPLETED", "FAILED", "REJECTED", "CANCELLED", "EXPIRED", "PROGRESS"})
    void aFieldMoreOrLessAnywhereIsNoticed(Document document) throws IOException {
        for (ProducerRecord<String, byte[]> event : events(document)) {
            JsonNode data = Schemas.JSON.readTree(event.value());
            List<ObjectNode> objects = new ArrayList<>(List.of((ObjectNode) data));
            data.findParents("message").forEach(node -> objects.add((ObjectNode) node));
            data.findParents("source").forEach(node -> objects.add((ObjectNode) node));
            data.findParents("sha256").forEach(node -> objects.add((ObjectNode) node));
            data.findParents("retries").forEach(node -> objects.add((ObjectNode) node));
            data.findParents("stage_c").forEach(node -> objects.add((ObjectNode) node));
            for (ObjectNode object : objects) {
                object.put("surprise", 1);
                assertThat(Schemas.problems(document, data)).isNotEmpty();
                object.remove("surprise");
                for (String name : new TreeSet<>(Set.copyOf(
                        object.propertyStream().map(java.util.Map.Entry::getKey).toList()))) {
                    if (MAY_BE_ABSENT.contains(document + " " + name)) {
                        continue;
                    }
                    JsonNode value = object.remove(name);
                    assertThat(Schemas.problems(document, data)).as(name).isNotEmpty();
                    object.set(name, value);
                }
            }
            assertThat(Schemas.problems(document, data)).isEmpty();
        }
    }

    @Test
    void everyCodeOfTheSchemasIsEmittedAndEveryEmittedOneIsThere() throws IOException {
        for (Document document : List.of(Document.FAILED, Document.REJECTED, Document.CANCELLED, Document.EXPIRED)) {
            var emitted = new TreeSet<String>();
            for (ProducerRecord<String, byte[]> event : events(document)) {
                emitted.add(
                        Schemas.JSON.readTree(event.value()).at("/error/code").textValue());
            }
            Set<String> promised = Schemas.read(document)
                    .at("/properties/error/properties/code/enum")
                    .valueStream()
                    .map(JsonNode::textValue)
                    .collect(Collectors.toSet());
            assertThat(emitted).isEqualTo(promised);
        }
    }

    /** Key, headers and data of every event are those that the topics' document gives the event's type in its topic. */
    @Test
    void everyEventIsThatOfTheTopicsDocumentAndNoOtherIsNamedThere() throws IOException {
        JsonNode topics = Schemas.read(Document.ASYNCAPI);
        var emitted = new TreeSet<String>();
        for (Document document : List.of(
                Document.COMPLETED,
                Document.FAILED,
                Document.REJECTED,
                Document.CANCELLED,
                Document.EXPIRED,
                Document.PROGRESS)) {
            for (ProducerRecord<String, byte[]> event : events(document)) {
                ObjectNode headers = Schemas.JSON.createObjectNode();
                event.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
                String type = headers.path("ce_type").textValue();
                emitted.add(event.topic() + " " + type);
                JsonNode message = message(topics, type);
                assertThat(Schemas.problems(Schemas.expanded(message.path("headers"), topics), headers))
                        .isEmpty();
                assertThat(Schemas.problems(message.at("/bindings/kafka/key"), Schemas.JSON.valueToTree(event.key())))
                        .isEmpty();
                assertThat(message.at("/payload/schema/$ref").textValue()).isEqualTo(document.path());
                assertThat(message.path("title"))
                        .isEqualTo(Schemas.read(document).path("title"));
            }
        }
        var named = new TreeSet<String>();
        for (Topic topic : List.of(Topic.IMAGES, Topic.PROGRESS)) {
            topics.at("/channels/" + topic.topicName().substring("wurstwerk.".length()) + "/messages")
                    .forEach(reference -> named.add(topic.topicName() + " "
                            + topics.at(reference.path("$ref").textValue().substring(1))
                                    .path("name")
                                    .textValue()));
        }
        assertThat(emitted).isEqualTo(named);
    }

    private static JsonNode message(JsonNode topics, String type) {
        return topics.at("/components/messages")
                .valueStream()
                .filter(message -> message.path("name").asText().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> required(JsonNode schema) {
        return schema.path("required").valueStream().map(JsonNode::textValue).collect(Collectors.toSet());
    }

    private static List<ProducerRecord<String, byte[]>> events(Document document) {
        Stream<Terminal> answers = switch (document) {
            case COMPLETED ->
                Stream.of(
                        new Terminal.Completed(JOB, ORIGIN, drawing(1, null)),
                        new Terminal.Completed(JOB, ORIGIN, drawing(8, null)),
                        new Terminal.Completed(JOB, ORIGIN, drawing(2, SKETCH)));
            case FAILED ->
                Arrays.stream(Failure.Code.values())
                        .map(code -> new Terminal.Failed(JOB, ORIGIN, new Failure(code, "it failed")));
            case REJECTED ->
                Stream.concat(
                                Arrays.stream(Rejection.Code.values())
                                        .map(code -> new Rejection(
                                                code, "it is wrong", List.of(new Problem("seed", "must be one")))),
                                Stream.of(Rejection.conflict(), Rejection.unreadable("it is torn")))
                        .map(rejection -> new Terminal.Rejected(
                                JOB.conflictWith(JobId.BodyHash.of(new byte[0])), ORIGIN, rejection));
            case CANCELLED -> Stream.of(new Terminal.Cancelled(JOB, ORIGIN));
            case EXPIRED -> Stream.of(new Terminal.Expired(JOB, ORIGIN, NOW));
            default -> Stream.of();
        };
        if (document == Document.PROGRESS) {
            var preview = new EventJson.Preview(96, 96, new byte[] {1, 2, 3});
            return Stream.of("queued", "text", "stage_c", "stage_b", "stage_a", "upload")
                    .map(stage -> EventRecords.progress(
                            JOB,
                            "acme",
                            "progress/7/" + stage + "/0",
                            EventJson.progress(JOB, 7, 8, stage, 0, 29, stage.equals("stage_c") ? preview : null),
                            NOW,
                            TRACE))
                    .toList();
        }
        return answers.map(answer -> EventRecords.terminal(answer, NOW, TRACE)).toList();
    }

    private static Drawing drawing(int count, @Nullable Sketch sketch) {
        List<StoredImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(new StoredImage(
                    i,
                    0xffffffffL,
                    "wurstwerk",
                    "v1/0123456789abcdef/" + JOB + "/" + i + "-" + "0a".repeat(32) + ".png",
                    "0a".repeat(32),
                    1,
                    "image/png",
                    URI.create("http://localhost:9000/wurstwerk/v1?X-Amz-Signature=0a&X-Amz-Credential=a%2Fb"),
                    NOW,
                    sketch));
        }
        Duration time = Duration.ofNanos(1_234_567_891);
        return new Drawing(
                "interpolated",
                256,
                128,
                true,
                "0123456789abcdef",
                images,
                new Timings(Duration.ZERO, time, time, time, time, time, time, time),
                new Cost(new Usage(time, time, time, time, 7, 8, 0.5, count == 1 ? null : 0.25), 9, 1, 5));
    }
}
