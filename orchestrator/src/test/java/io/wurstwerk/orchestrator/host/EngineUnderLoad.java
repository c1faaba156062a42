package io.wurstwerk.orchestrator.host;

import io.wurstwerk.orchestrator.engine.Event;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.ownership.KafkaClients;
import io.wurstwerk.orchestrator.ownership.KafkaLog;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.stack.S3Server;
import io.wurstwerk.orchestrator.store.StoreSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Measures an engine in a process of its own with a heap of 256 MB: {@code drain N} has it work off N queued jobs
 * against models that answer at once, {@code takeover N} has it take a partition with N finished jobs. Broker, models
 * and store run in the parent.
 */
final class EngineUnderLoad {
    private static final int SLOTS = 4;

    private EngineUnderLoad() {}

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "drain" -> drain(count);
            case "takeover" -> takeover(count);
            case "drain-child" -> drainChild(args[2], args[3], URI.create(args[4]));
            case "takeover-child" -> takeoverChild(args[2], count);
            default -> throw new IllegalArgumentException("drain N or takeover N");
        }
        System.exit(0);
    }

    private static void drain(int count) throws Exception {
        Path folder = Files.createTempDirectory("wurstwerk-load");
        try (var works = new Works(folder);
                var producer = producer(works)) {
            for (int i = 0; i < count; i++) {
                Submission.Ordered job =
                        Works.ordered("load", i, 1, Instant.now().plus(Duration.ofHours(5)));
                producer.send(new ProducerRecord<>(
                        "wurstwerk.submissions", i % Works.PARTITIONS, job.job().value(), SubmissionJson.write(job)));
            }
            producer.flush();
            long begun = System.nanoTime();
            Process child = child(
                    "drain-child",
                    count,
                    works.kafka.bootstrapServers(),
                    works.endpoint,
                    works.settings.endpoint().toString());
            int answered = 0;
            try (var images = new KafkaConsumer<>(
                    Map.of("bootstrap.servers", works.kafka.bootstrapServers(), "isolation.level", "read_committed"),
                    new StringDeserializer(),
                    new ByteArrayDeserializer())) {
                List<TopicPartition> all = List.of(
                        new TopicPartition("wurstwerk.images", 0),
                        new TopicPartition("wurstwerk.images", 1),
                        new TopicPartition("wurstwerk.images", 2));
                images.assign(all);
                images.seekToBeginning(all);
                while (answered < count && child.isAlive()) {
                    answered += images.poll(Duration.ofMillis(500)).count();
                }
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            child.getOutputStream().close();
            child.waitFor(60, TimeUnit.SECONDS);
            System.out.printf(
                    "drained %d of %d jobs in %.1f s, exit status %d%n", answered, count, seconds, child.exitValue());
        }
    }

    private static void drainChild(String brokers, String triton, URI store) throws Exception {
        var settings = new StoreSettings(store, store, "us-east-1", "wurstwerk", S3Server.KEYS, "tenant");
        try (var member = new Member(brokers, List.of(triton), settings, Member.settings(SLOTS, 200_000))) {
            int most = 0;
            // The parent closes the pipe when it has seen all answers.
            Thread end = Thread.ofVirtual().start(EngineUnderLoad::readToTheEnd);
            while (!end.join(Duration.ofMillis(100))) {
                most = Math.max(most, (int) member.gauge("wurstwerk.jobs.open"));
            }
            System.out.println("open jobs at most " + most + ", " + heap());
        }
    }

    private static void readToTheEnd() {
        try {
            System.in.readAllBytes();
        } catch (java.io.IOException gone) {
            throw new java.io.UncheckedIOException(gone);
        }
    }

    private static void takeover(int count) throws Exception {
        Path folder = Files.createTempDirectory("wurstwerk-load");
        try (var works = new Works(folder);
                var producer = producer(works)) {
            long now = System.currentTimeMillis();
            for (int i = 0; i < count; i++) {
                JobId job = JobId.of(new Origin("default", "urn:done", Integer.toString(i)));
                String entry = "{\"v\":1,\"s\":\"completed\",\"body\":\""
                        + JobId.BodyHash.of(job.value().getBytes(StandardCharsets.UTF_8))
                                .hex()
                        + "\",\"at\":" + now + "}";
                producer.send(
                        new ProducerRecord<>("wurstwerk.jobs", 0, job.value(), entry.getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
            Process child = child("takeover-child", count, works.kafka.bootstrapServers());
            child.waitFor(300, TimeUnit.SECONDS);
            System.out.println("exit status " + child.exitValue());
        }
    }

    private static void takeoverChild(String brokers, int count) throws Exception {
        var events = new LinkedBlockingQueue<Event>();
        var log = new KafkaLog(
                new KafkaClients(
                        Map.of("bootstrap.servers", brokers),
                        Optional.empty(),
                        Member.SESSION,
                        KafkaClients.Limits.DEFAULT),
                events::add,
                Clock.systemUTC());
        for (int round = 1; round <= 3; round++) {
            long begun = System.nanoTime();
            long worked = cpu();
            log.open(0, round);
            Event event = events.poll(300, TimeUnit.SECONDS);
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (!(event instanceof Event.Opened opened) || opened.journal().answers() != count) {
                throw new IllegalStateException("not taken over: " + (event == null ? null : event.getClass()));
            }
            long cpuThen = cpu();
            System.gc();
            System.out.printf(
                    "took over %d finished jobs in %.2f s with %.2f s of processor time, %s%n",
                    count, seconds, (cpuThen - worked) / 1e9, heap());
        }
        log.close();
    }

    private static KafkaProducer<String, byte[]> producer(Works works) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", works.kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static Process child(String role, int count, String... more) throws Exception {
        var command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                System.getProperty("java.class.path"),
                EngineUnderLoad.class.getName(),
                role,
                Integer.toString(count)));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** On a crowded machine the clock says more of the neighbours than of this process. */
    private static long cpu() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    private static String heap() {
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return "heap now " + (used >> 20) + " MiB, peak of the pools " + (peak >> 20) + " MiB, limit "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MiB";
    }
}
