import static java.nio.charset.StandardCharsets.UTF_8;

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
 * Submits a request with nothing but kafka-clients and waits for its result.
 *
 * <pre>java -cp "kafka-clients.jar:slf4j-api.jar" PlainClient.java [HOST:PORT [ID]]</pre>
 */
public class PlainClient {

    public static void main(String[] arguments) throws Exception {
        String servers = arguments.length > 0 ? arguments[0] : "localhost:9092";
        String id = arguments.length > 1 ? arguments[1] : UUID.randomUUID().toString();
        submit(servers, id);
        System.out.println(result(servers, id));
    }

    static void submit(String servers, String id) throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", servers, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            var event = new ProducerRecord<String, String>(
                    "wurstwerk.prompts", "{\"prompt\": \"a green star\", \"seed\": 7}");
            event.headers()
                    .add("ce_specversion", "1.0".getBytes(UTF_8))
                    .add("ce_id", id.getBytes(UTF_8))
                    .add("ce_source", "/shop".getBytes(UTF_8))
                    .add("ce_type", "io.wurstwerk.image.requested.v1".getBytes(UTF_8));
            producer.send(event).get();
        }
    }

    /** A result repeats the source and the id of its request. A real program parses the JSON. */
    static String result(String servers, String id) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", servers,
                "group.id", "shop-" + id,
                "auto.offset.reset", "earliest",
                "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("wurstwerk.images"));
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.value().contains("\"request\":{\"source\":\"/shop\",\"id\":\"" + id + "\"}")) {
                        return record.value();
                    }
                }
            }
        }
    }
}
