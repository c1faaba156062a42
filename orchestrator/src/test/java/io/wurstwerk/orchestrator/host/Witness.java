package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.store.ObjectKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A consumer of the answers that fetches every image by its URL in the moment in which it hears of it. */
final class Witness implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, List<String>> seen = new ConcurrentHashMap<>();
    private final KafkaConsumer<String, byte[]> consumer;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread thread = Thread.ofVirtual().name("witness").unstarted(this::watch);
    private volatile boolean stopping;

    Witness(String brokers, int partitions) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition("wurstwerk.images", i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        thread.start();
    }

    /**
     * What was seen of a job, in order: {@code completed} with the SHA-256 of the bytes that lay behind its URL, or
     * what was wrong. Waits for the first.
     */
    List<String> seen(JobId job) throws Exception {
        await(() -> seen.containsKey(job.value()));
        return List.copyOf(seen.get(job.value()));
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
        http.close();
    }

    private void watch() {
        try (consumer) {
            while (!stopping) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    String told = told(record.value());
                    seen.computeIfAbsent(record.key(), _ -> new CopyOnWriteArrayList<>())
                            .add(told);
                }
            }
        }
    }

    private String told(byte[] event) {
        try {
            JsonNode data = JSON.readTree(event);
            String state = data.path("state").textValue();
            JsonNode image = data.at("/images/0");
            if (!state.equals("completed")) {
                return state;
            }
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(image.path("url").textValue()))
                            .build(),
                    BodyHandlers.ofByteArray());
            String sha256 = ObjectKey.sha256(answer.body());
            boolean sound = answer.statusCode() == 200
                    && sha256.equals(image.path("sha256").textValue())
                    && answer.body().length == image.path("size").longValue();
            return (sound ? "completed " : "completed with status " + answer.statusCode() + " and ") + sha256;
        } catch (IOException unreadable) {
            return "unreadable: " + unreadable;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** The picture of a job that was answered once and well. */
    String picture(JobId job) throws Exception {
        assertThat(seen(job)).singleElement().satisfies(one -> assertThat(one).startsWith("completed "));
        return seen(job).getFirst().substring("completed ".length());
    }
}
