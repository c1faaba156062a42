package io.wurstwerk.orchestrator.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.EmbeddedKafka;
import io.wurstwerk.orchestrator.stack.FakeTriton;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.stack.S3Server;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.orchestrator.topic.Topics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Broker, models and store for engines that come and go. */
final class Works implements AutoCloseable {
    static final int PARTITIONS = 3;
    private static final Path REPOSITORY = Path.of("..", "triton-models", "repository");

    final int kafkaFront = Ports.free();
    final EmbeddedKafka kafka;
    final StoreSettings settings;
    final String endpoint;
    final Answers answers;
    private final URI storeAddress;
    private final Path objects;
    private final Producer<String, byte[]> producer;
    private final List<Member> members = new ArrayList<>();
    FakeTriton triton;
    S3Server store;

    Works(Path folder) throws Exception {
        kafka = new EmbeddedKafka(folder.resolve("kafka"), kafkaFront);
        try (Admin admin = admin()) {
            new Topics(admin, PARTITIONS, (short) -1).ensure(Duration.ofSeconds(30));
        }
        endpoint = "127.0.0.1:" + Ports.free();
        storeAddress = URI.create("http://127.0.0.1:" + Ports.free());
        objects = Files.createDirectory(folder.resolve("objects"));
        settings = new StoreSettings(storeAddress, storeAddress, "us-east-1", "wurstwerk", S3Server.KEYS, "tenant");
        startTriton();
        startStore();
        try (var images = new ImageStore(settings, ImageStore.Limits.DEFAULT)) {
            images.ensureBucket();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
        answers = new Answers(kafka.bootstrapServers(), "wurstwerk.images", PARTITIONS);
    }

    void startTriton() throws Exception {
        triton = new FakeTriton(endpoint, REPOSITORY);
    }

    /** One more model server, to be closed by the caller. */
    FakeTriton another(String address) throws Exception {
        return new FakeTriton(address, REPOSITORY);
    }

    void startStore() throws Exception {
        store = new S3Server(storeAddress, objects);
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    Member join(int slots, int openJobs) {
        return join(slots, openJobs, List.of(endpoint));
    }

    Member join(int slots, int openJobs, List<String> lanes) {
        return join(new Member(kafka.bootstrapServers(), lanes, settings, Member.settings(slots, openJobs)));
    }

    /** The member leaves with the others. */
    Member join(Member member) {
        members.add(member);
        return member;
    }

    /** Everybody leaves in good order. */
    void leave() throws Exception {
        triton.release();
        for (Member member : members) {
            member.close();
        }
        members.clear();
    }

    static Submission.Ordered ordered(String source, int number, int steps, Instant deadline) {
        return ordered(source, number, steps, deadline, 128);
    }

    static Submission.Ordered ordered(String source, int number, int steps, Instant deadline, int width) {
        Origin origin = new Origin("default", "urn:" + source, String.valueOf(number));
        var order = new ImageOrder(
                "p", null, width, 128, "base", new Schedule.Linear(steps), 4, new Schedule.Linear(2), 0, number, 1);
        return new Submission.Ordered(
                JobId.of(origin), origin, BodyHash.of(new byte[] {1}), Instant.now(), order, Priority.NORMAL, deadline);
    }

    static Submission.Ordered ordered(String source, int number) {
        return ordered(source, number, 3, Instant.now().plus(Duration.ofHours(1)));
    }

    JobId submit(Submission submission, int partition) throws Exception {
        write("submissions", partition, submission.job().value(), SubmissionJson.write(submission));
        return submission.job();
    }

    /** Jobs spread over the partitions. */
    List<JobId> submit(String source, int count) throws Exception {
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            jobs.add(submit(ordered(source, i), i % PARTITIONS));
        }
        return jobs;
    }

    void cancel(JobId job, int partition) throws Exception {
        write("commands", partition, job.value(), "{\"command\":\"cancel\"}".getBytes(StandardCharsets.UTF_8));
    }

    void write(String topic, int partition, String key, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>("wurstwerk." + topic, partition, key, value))
                .get(30, TimeUnit.SECONDS);
    }

    String state(JobId job) throws Exception {
        return answers.await(answer -> answer.key().equals(job.value())).state();
    }

    String sha256(JobId job) throws Exception {
        return completed(job).data().at("/images/0/sha256").textValue();
    }

    Answers.Answer completed(JobId job) throws Exception {
        var answer = answers.await(found -> found.key().equals(job.value()));
        assertThat(answer.state()).isEqualTo("completed");
        return answer;
    }

    void assertAnsweredOnce(List<JobId> jobs, String state) throws Exception {
        for (JobId job : jobs) {
            assertThat(state(job)).isEqualTo(state);
        }
        List<String> keys = jobs.stream().map(JobId::value).toList();
        assertThat(answers.all().stream().map(Answers.Answer::key).filter(keys::contains))
                .containsExactlyInAnyOrderElementsOf(keys);
    }

    @Override
    public void close() throws Exception {
        leave();
        answers.close();
        producer.close();
        triton.close();
        store.close();
        kafka.close();
    }
}
