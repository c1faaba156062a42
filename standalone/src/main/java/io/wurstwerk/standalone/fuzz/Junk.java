package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Makes requests that are right, and ones that are not. */
final class Junk {
    /** In every prompt: no log may have it. */
    static final String CANARY = "lithographic-canary";

    private static final List<String> FIELDS = List.of(
            "\"prompt\": \"a " + CANARY + "\"",
            "\"seed\": 7",
            "\"width\": 256",
            "\"height\": 256",
            "\"prior_num_inference_steps\": 1",
            "\"num_inference_steps\": 1");
    private static final List<String> NAMES = List.of(
            "prompt",
            "negative_prompt",
            "seed",
            "width",
            "height",
            "prior",
            "prior_num_inference_steps",
            "prior_timesteps",
            "prior_guidance_scale",
            "num_inference_steps",
            "decoder_timesteps",
            "decoder_guidance_scale",
            "num_images_per_prompt",
            "output_format",
            "output_quality",
            "metadata",
            "priority",
            "deadline",
            "draft",
            "promote",
            "n",
            "size",
            "model",
            "",
            "\\u0000",
            "__proto__");
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "0",
            "-0",
            "-1",
            "1e400",
            "-1e-400",
            "1e999999999",
            "0.1e-999999999",
            "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "123456789012345678901234567890123456789012345678901234567890123456789",
            "NaN",
            "Infinity",
            "0x10",
            "01",
            "1.",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"2020-01-01T00:00:00Z\"",
            "\"9999-12-31T23:59:60Z\"",
            "\"+999999999-01-01T00:00:00Z\"",
            "\"webp\"",
            "\"jpeg\"",
            "\"low\"",
            "\"../../etc/passwd\"",
            "[1.0, 0.5, 0.0]",
            "[1.0, 1.0, 0.0]",
            "[1e-320, 0]",
            "[[]]",
            "{\"a\": {\"a\": 1}}",
            "2147483648");

    private Junk() {}

    /** A request that is right, of one small image. */
    static String good() {
        return "{" + String.join(", ", FIELDS) + "}";
    }

    /** Bytes that may or may not be a request. */
    static byte[] body(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0 -> bytes(random, random.nextInt(200));
            case 1 -> mutated(good().getBytes(UTF_8), random);
            case 2 -> nested(random).getBytes(UTF_8);
            case 3 -> ("{\"prompt\": \"" + "a".repeat(random.nextInt(70_000)) + "\"}").getBytes(UTF_8);
            case 4 -> (good() + pick(random, good(), "]", " ", "\u0000", "{}")).getBytes(UTF_8);
            case 5 ->
                good().replace("a " + CANARY, "\u00fc\u0000\ud83d\ude00 " + CANARY)
                        .getBytes(ISO_8859_1);
            case 6 -> good().getBytes(random.nextBoolean() ? UTF_16 : UTF_8);
            default -> object(random).getBytes(UTF_8);
        };
    }

    private static String object(SplittableRandom random) {
        List<String> fields = new ArrayList<>(FIELDS);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String field = "\"" + pick(random, NAMES) + "\": " + pick(random, VALUES);
            if (random.nextBoolean()) {
                fields.set(random.nextInt(fields.size()), field);
            } else {
                fields.add(field);
            }
        }
        Collections.shuffle(fields, new Random(random.nextLong()));
        return "{" + String.join(", ", fields) + "}";
    }

    private static String nested(SplittableRandom random) {
        int depth = 1 + random.nextInt(20_000);
        boolean array = random.nextBoolean();
        String open = array ? "[" : "{\"a\":";
        String deep = open.repeat(depth) + "1" + (random.nextBoolean() ? (array ? "]" : "}").repeat(depth) : "");
        return random.nextBoolean() ? deep : "{\"prompt\": " + deep + "}";
    }

    /** A few bytes changed, dropped, doubled or put in. */
    static byte[] mutated(byte[] valid, SplittableRandom random) {
        byte[] bytes = valid.clone();
        for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 1; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), new byte[0]);
                case 3 -> bytes = spliced(bytes, at, at, bytes(random, 1 + random.nextInt(8)));
                default -> {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(32));
                    bytes = spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
                }
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] instead) {
        byte[] made = new byte[bytes.length - (to - from) + instead.length];
        System.arraycopy(bytes, 0, made, 0, from);
        System.arraycopy(instead, 0, made, from, instead.length);
        System.arraycopy(bytes, to, made, from + instead.length, bytes.length - to);
        return made;
    }

    static byte[] bytes(SplittableRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static String pick(SplittableRandom random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    static <T> T pick(SplittableRandom random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** What was sent, so that a person can read it and send it again. */
    static String shown(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(bytes.length, 2_000); i++) {
            int b = bytes[i] & 0xff;
            text.append(b >= ' ' && b < 0x7f && b != '\\' ? String.valueOf((char) b) : String.format("\\x%02x", b));
        }
        return text + (bytes.length > 2_000 ? "... (" + bytes.length + " bytes)" : "");
    }
}
