package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Somebody who wants the same small picture again and again, and must always get it. */
final class Neighbour implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String WISH = "{\"prompt\": \"a green star\", \"seed\": 7, \"prior_num_inference_steps\": 2,"
            + " \"num_inference_steps\": 2, \"priority\": \"high\"}";

    private final KafkaProducer<String, String> producer;
    private final AnswerBook book;
    private final String source;
    private @Nullable String picture;
    private int wishes;

    /** @param door beside which it lives: a wish that was made before would be answered already */
    Neighbour(String kafka, FuzzRun.Target door) {
        source = "/neighbour-of-" + door;
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka, "acks", "all"), new StringSerializer(), new StringSerializer());
        book = new AnswerBook(kafka, request -> request.startsWith(source));
    }

    /** @throws Finding when the picture does not come, or is another than the first time */
    void draw() throws Finding, Exception {
        String id = "wish-" + ++wishes;
        var event = new ProducerRecord<String, String>("wurstwerk.prompts", WISH);
        event.headers()
                .add("ce_specversion", "1.0".getBytes(UTF_8))
                .add("ce_id", id.getBytes(UTF_8))
                .add("ce_source", source.getBytes(UTF_8))
                .add("ce_type", "io.wurstwerk.image.requested.v1".getBytes(UTF_8));
        producer.send(event).get(30, TimeUnit.SECONDS);
        JsonNode answer = answer(AnswerBook.name(source, id));
        String drawn = answer.at("/images/0/sha256").asText();
        String first = picture == null ? drawn : picture;
        picture = first;
        if (drawn.isEmpty() || !drawn.equals(first)) {
            throw new Finding("a job beside the junk ended otherwise than before it: " + answer);
        }
    }

    private JsonNode answer(String wish) throws Finding {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<JsonNode> answer = book.answer(wish);
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() > limit) {
                throw new Finding("a job beside the junk has no answer after " + PATIENCE.toSeconds() + " s");
            }
            book.read(Duration.ofMillis(200));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        book.close();
    }
}
