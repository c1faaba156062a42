package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.config;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.contract.TopicContents;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.Prompts;
import io.wurstwerk.orchestrator.stack.StackResource;
import io.wurstwerk.orchestrator.topic.Topic;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is sent has its answer, through the real intake and engine, and those beside it have theirs. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class PoisonTest {
    private static final String GOOD = "{\"prompt\":\"a fox\",\"prior_num_inference_steps\":2,"
            + "\"num_inference_steps\":1,\"width\":128,\"height\":128";
    private static final int NEIGHBOURS = 12;

    /** What is sent, and the code of its refusal, or {@code completed} where it only looks bad. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Poison(String name, Map<String, String> headers, byte @Nullable [] body, String code) {
        @Override
        public String toString() {
            return name + " is " + code;
        }
    }

    @TempDir
    static Path objects;

    private static final Map<String, String> PLACES = new HashMap<>();
    private static final List<String> GOOD_PLACES = new ArrayList<>();
    private static Parts parts;
    private static Answers answers;

    @BeforeAll
    static void sendAll() throws Exception {
        parts = new Parts(objects);
        answers = new Answers(config("kafka.bootstrap.servers"), "wurstwerk.images", 3);
        List<Poison> all = poisons().toList();
        try (var prompts = new Prompts(config("kafka.bootstrap.servers"))) {
            for (int i = 0; i < all.size(); i++) {
                if (i % (all.size() / NEIGHBOURS) == 0) {
                    var at = prompts.send(Map.of(), 0, (GOOD + ",\"seed\":" + i + "}").getBytes(UTF_8));
                    GOOD_PLACES.add(at.partition() + "-" + at.offset());
                }
                var at = prompts.send(all.get(i).headers(), 0, all.get(i).body());
                PLACES.put(all.get(i).name(), at.partition() + "-" + at.offset());
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        answers.close();
        parts.close();
    }

    @ParameterizedTest
    @MethodSource("poisons")
    void everythingHasItsAnswer(Poison poison) throws Exception {
        String id = poison.headers().getOrDefault("ce_id", "");
        String place = String.valueOf(PLACES.get(poison.name()));
        Answer answer = answers.await(found -> {
            String request = found.data().at("/request/id").asText();
            return request.equals(place) || (!id.isEmpty() && request.equals(id));
        });
        if (poison.code().equals("completed")) {
            assertThat(answer.state()).isEqualTo("completed");
            return;
        }
        assertThat(answer.state()).isEqualTo("rejected");
        assertThat(answer.data().at("/error/code").textValue()).isEqualTo(poison.code());
        assertThat(answer.data().toString()).hasSizeLessThan(64 * 1024);
    }

    @Test
    void theNeighboursAreDrawnAndNothingIsAnsweredTwice() throws Exception {
        for (String place : GOOD_PLACES) {
            assertThat(answers.to(place).state()).isEqualTo("completed");
        }
        int sent = (int) poisons().count() + GOOD_PLACES.size();
        assertThat(answers.all()).hasSize(sent).extracting(Answer::key).doesNotHaveDuplicates();
        assertThat(sent - GOOD_PLACES.size()).isGreaterThanOrEqualTo(60);
        TopicContents.followTheContract(config("kafka.bootstrap.servers"), Set.of(Topic.IMAGES, Topic.SUBMISSIONS));
    }

    static Stream<Poison> poisons() {
        return Stream.of(notJson(), notText(), numbersAndNesting(), tooLarge(), wrongFields(), wrongEvents(), odd())
                .flatMap(s -> s);
    }

    private static Stream<Poison> notJson() {
        return bodies(
                "unreadable",
                Map.ofEntries(
                        Map.entry("nothing at all", ""),
                        Map.entry("blanks", "  \n\t "),
                        Map.entry("null", "null"),
                        Map.entry("an array", "[" + GOOD + "}]"),
                        Map.entry("a string", "\"a fox\""),
                        Map.entry("a number", "5"),
                        Map.entry("a truth", "true"),
                        Map.entry("an opening brace", "{"),
                        Map.entry("a closing brace", "}"),
                        Map.entry("half an object", GOOD),
                        Map.entry("half a string", "{\"prompt\":\"a fo"),
                        Map.entry("two objects", GOOD + "}" + GOOD + "}"),
                        Map.entry("something behind it", GOOD + "}x"),
                        Map.entry("a comment", GOOD + "/* no */}"),
                        Map.entry("single quotes", "{'prompt':'a fox'}"),
                        Map.entry("bare names", "{prompt:\"a fox\"}"),
                        Map.entry("a comma too many", GOOD + ",}"),
                        Map.entry("a name twice", GOOD + ",\"prompt\":\"b\"}"),
                        Map.entry("a name twice in disguise", GOOD + ",\"prom\\u0070t\":\"b\"}"),
                        Map.entry("a wrong escape", "{\"prompt\":\"\\x41\"}"),
                        Map.entry("half an escape", "{\"prompt\":\"\\u12\"}"),
                        Map.entry("a raw line break", "{\"prompt\":\"a\nfox\"}"),
                        Map.entry("a raw NUL", "{\"prompt\":\"a\0fox\"}"),
                        Map.entry("XML", "<prompt>a fox</prompt>"),
                        Map.entry("a form", "prompt=a+fox&seed=5")));
    }

    private static Stream<Poison> notText() {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        byte[] random = new byte[5_000];
        new Random(7).nextBytes(random);
        bodies.put("a tombstone", null);
        bodies.put("zeros", new byte[1_000]);
        bodies.put("random bytes", random);
        bodies.put("UTF-16", (GOOD + "}").getBytes(UTF_16));
        bodies.put("Latin-1", "{\"prompt\":\"ein F\u00fcchslein\"}".getBytes(ISO_8859_1));
        bodies.put("an overlong NUL", with(0xc0, 0x80));
        bodies.put("an overlong slash", with(0xe0, 0x80, 0xaf));
        bodies.put("an encoded surrogate", with(0xed, 0xa0, 0x80));
        bodies.put("a code point beyond Unicode", with(0xf4, 0x90, 0x80, 0x80));
        bodies.put("a torn character", with(0xe2, 0x82));
        bodies.put("a byte that is never in UTF-8", with(0xff));
        bodies.put("a byte order mark", ("\ufeff" + GOOD + "}").getBytes(UTF_8));
        bodies.put("gzip", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0});
        return bodies.entrySet().stream()
                .map(body -> new Poison(body.getKey(), Map.of(), body.getValue(), "unreadable"));
    }

    private static Stream<Poison> numbersAndNesting() {
        return bodies(
                "unreadable",
                Map.of(
                        "nine levels", GOOD + ",\"x\":" + "[".repeat(9) + "]".repeat(9) + "}",
                        "thirty thousand levels", "[".repeat(30_000),
                        "thirty thousand levels of objects", "{\"a\":".repeat(10_000),
                        "not a number", GOOD + ",\"seed\":NaN}",
                        "infinity", GOOD + ",\"seed\":-Infinity}",
                        "leading zeros", GOOD + ",\"seed\":007}",
                        "a number of a thousand digits", GOOD + ",\"seed\":" + "9".repeat(1_000) + "}",
                        "a name of a thousand characters", GOOD + ",\"" + "n".repeat(1_000) + "\":1}"));
    }

    private static Stream<Poison> tooLarge() {
        return bodies(
                "too_large",
                Map.of(
                        "a byte too many", " ".repeat(64 * 1024 + 1),
                        "a megabyte", "x".repeat(1_000_000),
                        "a valid request in a long coat", GOOD + "}" + " ".repeat(64 * 1024)));
    }

    private static Stream<Poison> wrongFields() {
        String many = IntStream.range(0, 7_000)
                .mapToObj(i -> "\"" + Integer.toString(i, 36) + "\":1")
                .collect(Collectors.joining(","));
        String steps =
                IntStream.range(0, 5_000).mapToObj(i -> "0." + (9_999 - i)).collect(Collectors.joining(","));
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("an empty object", "{}");
        bodies.put("seven thousand unknown fields", "{" + many + "}");
        bodies.put(
                "five thousand timesteps",
                GOOD.replace("\"prior_num_inference_steps\":2,", "") + ",\"prior_timesteps\":[" + steps + "]}");
        for (String prompt : List.of(
                "null",
                "5",
                "[]",
                "{}",
                "\"\"",
                "\"" + "x".repeat(2_001) + "\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"")) {
            bodies.put("prompt " + prompt.substring(0, Math.min(20, prompt.length())), "{\"prompt\":" + prompt + "}");
        }
        for (String field : List.of(
                "\"negative_prompt\":7",
                "\"num_images_per_prompt\":0",
                "\"num_images_per_prompt\":9",
                "\"num_images_per_prompt\":1e9",
                "\"seed\":18446744073709551616",
                "\"seed\":1.5",
                "\"seed\":[]",
                "\"seed\":\"0x10\"",
                "\"prior_guidance_scale\":-0.1",
                "\"prior_guidance_scale\":1e999999999",
                "\"decoder_guidance_scale\":\"1\"",
                "\"prior\":\"../../etc/passwd\"",
                "\"output_format\":\"exe\"",
                "\"priority\":0",
                "\"deadline\":\"soon\"",
                "\"deadline\":4102444800",
                "\"__proto__\":{}",
                "\"\":1",
                "\"PROMPT\":\"b\"",
                "\"\\u202Eprompt\":\"b\"",
                "\"prompt\\u0000\":\"b\"")) {
            bodies.put("with " + field, GOOD + "," + field + "}");
        }
        for (String size : List.of("0", "-128", "127", "1e400", "9223372036854775808", "\"128\"", "128.5", "null")) {
            bodies.put("width " + size, GOOD.replace("\"width\":128", "\"width\":" + size) + "}");
        }
        return bodies("invalid_request", bodies);
    }

    /** Characters that mean nothing to anybody here: a prompt may hold any. */
    private static Stream<Poison> odd() {
        return bodies(
                "completed",
                Map.of(
                        "bidi", GOOD.replace("a fox", "\u202Exof a\u202C \u2066\u2069") + "}",
                        "escaped controls", GOOD.replace("a fox", "\\u0000\\u0007\\u001b[31m\\r\\n\\u007f") + "}",
                        "noncharacters", GOOD.replace("a fox", "\uffff\ufffe\ufdd0") + "}",
                        "two thousand combining marks", GOOD.replace("a fox", "a" + "\u0301".repeat(1_999)) + "}",
                        "an address", GOOD.replace("a fox", "http://169.254.169.254/ file:///etc/passwd") + "}"));
    }

    private static Stream<Poison> wrongEvents() {
        String good = GOOD + "}";
        return Stream.of(
                event("a foreign type", "invalid_request", good, "ce_type", "com.example.created"),
                event("our own answer", "invalid_request", good, "ce_type", "io.wurstwerk.image.completed.v1"),
                event("an empty type", "invalid_request", good, "ce_type", ""),
                event("version 9", "unreadable", good, "ce_specversion", "9.9"),
                event("an empty source", "unreadable", good, "ce_source", "http://[::"),
                event("a rubbish time", "unreadable", good, "ce_time", "yesterday"),
                event("an id of 100,000 characters", "too_large", good, "ce_id", "i".repeat(100_000)),
                event("a tenant with bidi", "invalid_request", good, "ce_tenantid", "a\u202eb"),
                event("a tenant with a line break", "invalid_request", good, "ce_tenantid", "a\r\nb"),
                event("a tenant of 1,000 characters", "invalid_request", good, "ce_tenantid", "t".repeat(1_000)),
                event("a rubbish expiry", "invalid_request", good, "ce_expirytime", "soon"),
                event("text", "invalid_request", good, "content-type", "text/plain"),
                event("an event without a body", "unreadable", null, "ce_subject", "x"),
                structured("rubbish in an envelope", "unreadable", "{oops"),
                structured("an envelope without data", "unreadable", envelope("an envelope without data", "\"x\":1")),
                structured(
                        "an envelope around a string",
                        "unreadable",
                        envelope("an envelope around a string", "\"data\":\"a fox\"")),
                structured(
                        "an envelope around no Base64",
                        "unreadable",
                        envelope("an envelope around no Base64", "\"data_base64\":\"%%\"")),
                structured(
                        "an envelope without an id", "unreadable", "{\"specversion\":\"1.0\",\"data\":" + good + "}"),
                new Poison(
                        "a batch",
                        Map.of("content-type", "application/cloudevents-batch+json"),
                        "[]".getBytes(UTF_8),
                        "unreadable"));
    }

    private static Stream<Poison> bodies(String code, Map<String, String> bodies) {
        return bodies.entrySet().stream()
                .map(body -> new Poison(body.getKey(), Map.of(), body.getValue().getBytes(UTF_8), code));
    }

    private static Poison event(String name, String code, @Nullable String body, String attribute, String value) {
        Map<String, String> headers = new HashMap<>(Map.of(
                "ce_specversion",
                "1.0",
                "ce_id",
                name,
                "ce_source",
                "urn:poison",
                "ce_type",
                "io.wurstwerk.image.requested.v1",
                "content-type",
                "application/json"));
        headers.put(attribute, value);
        return new Poison(name, headers, body == null ? null : body.getBytes(UTF_8), code);
    }

    private static Poison structured(String name, String code, String body) {
        return new Poison(
                name,
                Map.of("content-type", "application/cloudevents+json", "ce_id", name),
                body.getBytes(UTF_8),
                code);
    }

    private static String envelope(String id, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"urn:poison\","
                + "\"type\":\"io.wurstwerk.image.requested.v1\"," + data + "}";
    }

    private static byte[] with(int... bytes) {
        var body = new ByteArrayOutputStream();
        body.writeBytes("{\"prompt\":\"a ".getBytes(UTF_8));
        for (int b : bytes) {
            body.write(b);
        }
        body.writeBytes("\"}".getBytes(UTF_8));
        return body.toByteArray();
    }
}
