package io.wurstwerk.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up} as other programs see it: a plain Kafka client publishes, a plain HTTP GET reads. */
final class UpIT {
    private static final String UP = "Stop it with Ctrl-C.";

    @TempDir
    Path folder;

    private final List<Integer> ports = freePorts();

    @Test
    void aPlainEventBecomesAnImageThatAPlainGetReads() throws Exception {
        try (WurstwerkProcess up = up()) {
            up.readUntil(UP);

            JsonNode result = draw("{\"prompt\": \"a purple ring\", \"seed\": 3, \"prior_num_inference_steps\": 4}");

            assertThat(result.path("state").asText()).isEqualTo("completed");
            JsonNode image = result.path("images").get(0);
            HttpResponse<byte[]> response = get(image.path("url").asText());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type")).hasValue("image/png");
            assertThat(sha256(response.body())).isEqualTo(image.path("sha256").asText());
            assertThat(up.terminate().status()).isIn(0, 143);
        }
    }

    @Test
    void imagesAndTopicsSurviveAKill() throws Exception {
        String url;
        try (WurstwerkProcess up = up()) {
            up.readUntil(UP);
            url = draw("{\"prompt\": \"a star\", \"prior_num_inference_steps\": 2}")
                    .path("images")
                    .get(0)
                    .path("url")
                    .asText();
            up.kill();
        }
        try (WurstwerkProcess up = up()) {
            up.readUntil(UP);

            assertThat(get(url).statusCode()).isEqualTo(200);
            assertThat(draw("{\"prompt\": \"a cross\", \"prior_num_inference_steps\": 2}")
                            .path("state")
                            .asText())
                    .isEqualTo("completed");
        }
    }

    @Test
    void generateFindsTheRunningStack() throws Exception {
        try (WurstwerkProcess up = up()) {
            up.readUntil(UP);

            var finished = WurstwerkProcess.run(folder, "generate", "a red cross", "--steps", "2", "-o", "cross.png");

            assertThat(finished.status()).as("%s", finished.err()).isZero();
            assertThat(finished.err()).anyMatch(line -> line.startsWith("using the stack of "));
            assertThat(finished.out().getFirst()).contains("url http://127.0.0.1:" + ports.get(1) + "/");
            var byAddress = WurstwerkProcess.run(
                    folder, "generate", "a ring", "--steps", "2", "--kafka", "127.0.0.1:" + ports.getFirst());
            assertThat(byAddress.status()).as("%s", byAddress.err()).isZero();
        }
    }

    @Test
    void theClientOfAnotherKafkaIsSetUpByAFile() throws Exception {
        Path file = folder.resolve("client.properties");
        String kafka = "127.0.0.1:" + ports.getFirst();
        String[] generate = {"generate", "a ring", "--steps=2", "--kafka=" + kafka, "--kafka-config=" + file};
        try (WurstwerkProcess up = up()) {
            up.readUntil(UP);

            Files.writeString(file, "security.protocol=PLAINTEXT\nclient.id=a-shop\n");
            assertThat(WurstwerkProcess.run(folder, generate).status()).isZero();

            Files.writeString(file, "security.protocol=SSL\n");
            var refused = WurstwerkProcess.run(folder, generate);
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.err().getLast())
                    .as("a plain broker hangs up on a client that greets it in TLS")
                    .startsWith("wurstwerk: no Kafka answers at " + kafka + " within 15 s");

            Files.delete(file);
            var missing = WurstwerkProcess.run(folder, generate);
            assertThat(missing.status()).isEqualTo(1);
            assertThat(missing.err()).contains("wurstwerk: --kafka-config: there is no file " + file);
        }
    }

    @Test
    void aPortInUseIsOneLineThatNamesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(ports.get(5), 1, InetAddress.getLoopbackAddress())) {
            var finished = up().await();

            assertThat(finished.status()).isEqualTo(1);
            assertThat(finished.err())
                    .containsExactly("wurstwerk: port " + taken.getLocalPort()
                            + " (HTTP) is in use: stop the program that has it or choose another with --http-port");
        }
    }

    private WurstwerkProcess up() throws Exception {
        return WurstwerkProcess.start(
                folder,
                "up",
                "--kafka-port=" + ports.get(0),
                "--s3-port=" + ports.get(1),
                "--triton-port=" + ports.get(2),
                "--triton-health-port=" + ports.get(3),
                "--triton-metrics-port=" + ports.get(4),
                "--http-port=" + ports.get(5));
    }

    /** Publishes without any CloudEvents attributes and reads the first result of the topic that follows. */
    private JsonNode draw(String body) throws Exception {
        String kafka = "127.0.0.1:" + ports.getFirst();
        try (var consumer = new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", kafka, "isolation.level", "read_committed"),
                        new StringDeserializer(),
                        new StringDeserializer());
                var producer = new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", kafka, "acks", "all"),
                        new StringSerializer(),
                        new StringSerializer())) {
            var partitions = consumer.partitionsFor("wurstwerk.images").stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            producer.send(new ProducerRecord<>("wurstwerk.prompts", body)).get();
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, String> result : consumer.poll(Duration.ofMillis(200))) {
                    return new ObjectMapper().readTree(result.value());
                }
            }
        }
        throw new AssertionError("no result event within 60 s");
    }

    private static HttpResponse<byte[]> get(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static List<Integer> freePorts() {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                sockets.add(new ServerSocket(0));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
