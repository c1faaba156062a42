package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The topic of prompts. Every record that the broker takes is owed exactly one answer. */
final class IntakeDoor implements Door {
    private static final String SOURCE = "/fuzz";
    private static final String PROMPTS = "wurstwerk.prompts";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PARTITIONS = 4;
    /** More are not sent before these are answered: junk is cheap to send. */
    private static final int MOST_OWED = 400;

    private final KafkaProducer<byte[], byte[]> producer;
    private final AnswerBook book;
    private final Deque<Owed> owed = new ArrayDeque<>();

    /** @param chosen the name that the record gives itself; where that is not acceptable, its place names it */
    private record Owed(@Nullable String chosen, String place, String sent) {}

    IntakeDoor(String kafka) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka, "acks", "all", "max.request.size", 8 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        book = new AnswerBook(kafka, _ -> false);
    }

    /** Nothing has been found here yet. */
    @Override
    public List<Known> known() {
        return List.of();
    }

    @Override
    public void send(long number, SplittableRandom random) throws Finding, Exception {
        boolean structured = random.nextInt(6) == 0;
        byte @Nullable [] value =
                structured ? envelope("case-" + number, random) : random.nextInt(30) == 0 ? null : Junk.body(random);
        byte @Nullable [] key = random.nextBoolean() ? null : Junk.bytes(random, random.nextInt(20));
        String id = "case-" + number;
        var record = new ProducerRecord<byte[], byte[]>(PROMPTS, random.nextInt(PARTITIONS), key, value);
        boolean named = structured || random.nextInt(4) != 0;
        if (structured) {
            record.headers().add("content-type", "application/cloudevents+json; charset=utf-8".getBytes(UTF_8));
        } else if (named) {
            attributes(record.headers(), id, random);
        }
        if (random.nextInt(8) == 0) {
            record.headers().add("x" + random.nextInt(9), Junk.bytes(random, random.nextInt(300)));
        }
        try {
            RecordMetadata at = producer.send(record).get(30, TimeUnit.SECONDS);
            owed.add(new Owed(
                    named ? AnswerBook.name(SOURCE, id) : null,
                    AnswerBook.name("kafka:" + PROMPTS, at.partition() + "-" + at.offset()),
                    value == null ? "nothing" : Junk.shown(value)));
        } catch (ExecutionException refused) {
            if (!(refused.getCause() instanceof RecordTooLargeException)) {
                throw refused;
            }
        }
        if (owed.size() > MOST_OWED) {
            await(MOST_OWED / 2);
        }
    }

    private static byte[] envelope(String id, SplittableRandom random) {
        String inner = new String(Junk.body(random), UTF_8);
        String event = "{\"specversion\": \"1.0\", \"source\": \"" + SOURCE + "\", \"id\": \"" + id
                + "\", \"type\": \"io.wurstwerk.image.requested.v1\", "
                + Junk.pick(random, "\"data\": " + inner, "\"data_base64\": \"" + inner.length() + "\"", "\"x\": 1")
                + "}";
        return event.getBytes(UTF_8);
    }

    private static void attributes(Headers headers, String id, SplittableRandom random) {
        add(headers, "ce_specversion", "1.0", random);
        headers.add("ce_id", id.getBytes(UTF_8));
        headers.add("ce_source", SOURCE.getBytes(UTF_8));
        add(headers, "ce_type", "io.wurstwerk.image.requested.v1", random);
        if (random.nextInt(3) == 0) {
            add(headers, "content-type", "application/json", random);
        }
        if (random.nextInt(5) == 0) {
            headers.add(
                    "ce_expirytime",
                    Junk.pick(random, "2020-01-01T00:00:00Z", "never", "").getBytes(UTF_8));
        }
        if (random.nextInt(5) == 0) {
            headers.add(
                    "ce_tenantid",
                    Junk.pick(random, "acme", "", "a b", "\u00fc", "t".repeat(200))
                            .getBytes(UTF_8));
        }
        if (random.nextInt(5) == 0) {
            headers.add(
                    "ce_time",
                    Junk.pick(random, "yesterday", "2026-01-01T00:00:00Z").getBytes(UTF_8));
        }
        if (random.nextInt(8) == 0) {
            headers.add("ce_" + Junk.pick(random, "", "x", "data", "time"), Junk.bytes(random, random.nextInt(30)));
        }
    }

    private static void add(Headers headers, String name, String value, SplittableRandom random) {
        switch (random.nextInt(12)) {
            case 0 -> {}
            case 1 -> headers.add(name, (byte[]) null);
            case 2 -> headers.add(name, Junk.mutated(value.getBytes(UTF_8), random));
            default -> headers.add(name, value.getBytes(UTF_8));
        }
    }

    @Override
    public void settle() throws Finding, Exception {
        await(0);
        // What is answered twice may come a little later than what is answered.
        book.read(Duration.ofSeconds(1));
        book.read(Duration.ofSeconds(1));
    }

    private void await(int most) throws Finding {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            book.read(Duration.ofMillis(200));
            owed.removeIf(this::answered);
            if (owed.size() <= most) {
                return;
            }
            if (System.nanoTime() > limit) {
                Owed first = owed.getFirst();
                throw new Finding(owed.size() + " records have no answer after " + PATIENCE.toSeconds()
                        + " s; the first is " + first.place() + ": " + first.sent());
            }
        }
    }

    private boolean answered(Owed one) {
        return book.hasAnswer(one.place()) || (one.chosen() != null && book.hasAnswer(one.chosen()));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        book.close();
    }
}
