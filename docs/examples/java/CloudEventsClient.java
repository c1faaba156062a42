import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Submits a request with the CloudEvents SDK (cloudevents-kafka) and prints the URLs of its images, or why there are none.
 *
 * <pre>java -cp "CLASS PATH" CloudEventsClient.java [HOST:PORT [ID]]</pre>
 */
public class CloudEventsClient {

    private static final URI SOURCE = URI.create("/shop");

    public static void main(String[] arguments) throws Exception {
        String servers = arguments.length > 0 ? arguments[0] : "localhost:9092";
        String id = arguments.length > 1 ? arguments[1] : UUID.randomUUID().toString();
        submit(servers, id);
        CloudEvent result = result(servers, id);
        JsonNode data = new JsonMapper().readTree(result.getData().toBytes());
        switch (result.getType()) {
            case "io.wurstwerk.image.completed.v1" ->
                data.path("images").forEach(image -> System.out.println(image.path("url").asText()));
            default -> {
                System.err.println(data.path("error").path("code").asText() + ": "
                        + data.path("error").path("message").asText());
                System.exit(1);
            }
        }
    }

    static void submit(String servers, String id) throws Exception {
        CloudEvent event = CloudEventBuilder.v1()
                .withId(id)
                .withSource(SOURCE)
                .withType("io.wurstwerk.image.requested.v1")
                .withDataContentType("application/json")
                .withData("{\"prompt\": \"a green star\", \"seed\": 7}".getBytes(UTF_8))
                .build();
        var settings = Map.<String, Object>of("bootstrap.servers", servers, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new CloudEventSerializer())) {
            producer.send(new ProducerRecord<>("wurstwerk.prompts", event)).get();
        }
    }

    /** A result repeats the source and the id of its request. */
    static CloudEvent result(String servers, String id) throws Exception {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", servers,
                "group.id", "shop-" + id,
                "auto.offset.reset", "earliest",
                "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new CloudEventDeserializer())) {
            consumer.subscribe(List.of("wurstwerk.images"));
            while (true) {
                for (ConsumerRecord<String, CloudEvent> record : consumer.poll(Duration.ofSeconds(1))) {
                    CloudEvent event = record.value();
                    JsonNode request = new JsonMapper().readTree(event.getData().toBytes()).path("request");
                    if (request.path("source").asText().equals(SOURCE.toString())
                            && request.path("id").asText().equals(id)) {
                        return event;
                    }
                }
            }
        }
    }
}
