package io.wurstwerk.orchestrator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.job.Backoff;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.EmbeddedKafka;
import io.wurstwerk.orchestrator.stack.FakeTriton;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.stack.S3Server;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.orchestrator.topic.TopicException;
import io.wurstwerk.orchestrator.topic.Topics;
import io.wurstwerk.pipeline.PipelineOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that come and go over one broker. */
class TakeoverTest {

    private static final int PARTITIONS = 3;

    @TempDir
    static Path folder;

    private static EmbeddedKafka kafka;
    private static FakeTriton triton;
    private static S3Server s3;
    private static StoreSettings settings;
    private static String endpoint;
    private static Producer<String, byte[]> submissions;
    private static Answers answers;

    private final List<Member> members = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        kafka = new EmbeddedKafka(folder.resolve("kafka"));
        try (Admin admin = admin()) {
            new Topics(admin, PARTITIONS, (short) -1).ensure(Duration.ofSeconds(30));
        }
        endpoint = "127.0.0.1:" + Ports.free();
        triton = new FakeTriton(endpoint, Path.of("..", "triton-models", "repository"));
        URI store = URI.create("http://127.0.0.1:" + Ports.free());
        s3 = new S3Server(store, java.nio.file.Files.createDirectory(folder.resolve("objects")));
        settings = new StoreSettings(
                store,
                store,
                "us-east-1",
                "wurstwerk",
                S3Server.ACCESS_KEY,
                S3Server.SECRET_KEY,
                Duration.ofHours(1),
                "tenant");
        try (var images = new ImageStore(settings)) {
            images.ensureBucket();
        }
        submissions = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
        answers = new Answers(kafka.bootstrapServers(), "wurstwerk.images", PARTITIONS);
    }

    @AfterAll
    static void stop() throws Exception {
        answers.close();
        submissions.close();
        triton.close();
        s3.close();
        kafka.close();
    }

    @AfterEach
    void leave() throws Exception {
        triton.release();
        for (Member member : members) {
            member.close();
        }
    }

    @Test
    void whatAStoppedEngineHadNotFinishedIsDrawnByTheNext() throws Exception {
        int asked = triton.calls("stage_c_base");
        triton.hold();
        Member first = join(100);
        List<JobId> jobs = submit("stopped", 4);
        await(() -> triton.calls("stage_c_base") > asked);
        long begun = System.nanoTime();
        first.close();
        System.out.println("stopped under load in " + Duration.ofNanos(System.nanoTime() - begun));
        assertThat(answers.all()).extracting(Answer::key).doesNotContainAnyElementsOf(keys(jobs));
        triton.release();
        join(100);
        assertAllCompletedOnce(jobs);
    }

    @Test
    void aSecondEngineTakesPartitionsWithTheirJobsAndNoneIsAnsweredTwice() throws Exception {
        int asked = triton.calls("stage_c_base");
        triton.hold();
        Member first = join(100);
        List<JobId> jobs = submit("shared", 12);
        await(() -> triton.calls("stage_c_base") > asked);
        Member second = join(100);
        await(second.loop::joined);
        await(() -> second.engine.open() > 0);
        assertThat(first.engine.open()).isPositive();
        triton.release();
        assertAllCompletedOnce(jobs);
    }

    @Test
    void anEngineWithRoomForOneJobDrawsThemAll() throws Exception {
        join(1);
        assertAllCompletedOnce(submit("narrow", 6));
    }

    @Test
    void whatIsNoSubmissionIsSkipped() throws Exception {
        submissions
                .send(new ProducerRecord<>("wurstwerk.submissions", 0, "x", new byte[] {1, 2, 3}))
                .get(30, TimeUnit.SECONDS);
        submissions
                .send(new ProducerRecord<>("wurstwerk.submissions", 0, "x", null))
                .get(30, TimeUnit.SECONDS);
        List<JobId> jobs = submit("after-rubbish", 3);
        join(100);
        assertAllCompletedOnce(jobs);
    }

    @Test
    void topicsOfAnotherPartitionCountAreRefusedByName() {
        try (Admin admin = admin()) {
            assertThatThrownBy(() -> new Topics(admin, PARTITIONS + 1, (short) -1).ensure(Duration.ofSeconds(30)))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("has 3 partitions, but wurstwerk.kafka.partitions is 4");
        }
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static void assertAllCompletedOnce(List<JobId> jobs) throws Exception {
        for (JobId job : jobs) {
            assertThat(answers.await(answer -> answer.key().equals(job.value())).state())
                    .isEqualTo("completed");
        }
        assertThat(answers.all().stream().map(Answer::key).filter(keys(jobs)::contains))
                .containsExactlyInAnyOrderElementsOf(keys(jobs));
    }

    private static List<String> keys(List<JobId> jobs) {
        return jobs.stream().map(JobId::value).toList();
    }

    private static List<JobId> submit(String name, int count) throws Exception {
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Origin origin = new Origin("default", "urn:" + name, String.valueOf(i));
            JobId job = JobId.of(origin);
            var order = new ImageOrder(
                    "p", null, 128, 128, "base", new Schedule.Linear(3), 4, new Schedule.Linear(2), 0, i, 1);
            Instant now = Instant.now();
            var submission = new Submission.Ordered(
                    job, origin, BodyHash.of(new byte[] {1}), now, order, now.plus(Duration.ofHours(1)));
            submissions
                    .send(new ProducerRecord<>(
                            "wurstwerk.submissions", i % PARTITIONS, job.value(), SubmissionJson.write(submission)))
                    .get(30, TimeUnit.SECONDS);
            jobs.add(job);
        }
        return jobs;
    }

    private Member join(int capacity) {
        var member = new Member(capacity);
        members.add(member);
        return member;
    }

    /** An engine as the application builds it, without the framework. */
    private static final class Member implements AutoCloseable {
        final Lane lane;
        final ImageStore store = new ImageStore(settings);
        final Producer<String, byte[]> answering;
        final ProgressSink progress;
        final Engine engine;
        final SubmissionLoop loop;
        final Thread thread;

        Member(int capacity) {
            var backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), new SplittableRandom(1));
            Clock clock = Clock.systemUTC();
            var clients = new KafkaClients(
                    Map.of("bootstrap.servers", kafka.bootstrapServers()), Optional.empty(), Math.min(capacity, 50));
            lane = new Lane(endpoint, PipelineOptions.defaults(), Duration.ofMillis(100), backoff, clock);
            lane.start();
            answering = clients.answers();
            progress = new ProgressSink(clients.progress());
            var metrics = new EngineMetrics(new SimpleMeterRegistry());
            var workshop = new Workshop(lane, store, new Semaphore(2, true), progress, backoff, clock, metrics);
            engine = new Engine(workshop, new Finish(answering, backoff, clock, metrics), new JobIndex(1000), capacity);
            loop = new SubmissionLoop(clients::submissions, engine, metrics, backoff);
            thread = Thread.ofPlatform().start(loop);
        }

        @Override
        public void close() throws InterruptedException {
            loop.stop();
            assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
            answering.close(Duration.ZERO);
            progress.close();
            lane.close();
            store.close();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long limit = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited for 60 s").isLessThan(limit);
            Thread.sleep(20);
        }
    }
}
