package io.wurstwerk.orchestrator.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Problem;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a request one by one and remembers every problem. A reader answers null for an absent field and
 * for a wrong one; after all were read, whatever nobody asked for is unknown.
 */
final class RequestFields {

    static final String TIME_RULE = "must be an RFC 3339 time, such as 2030-01-31T12:00:00Z";

    private static final Pattern RFC_3339 = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");
    private static final BigInteger LOWEST_SEED = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger HIGHEST_SEED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final int FEWEST_TIMESTEPS = 2;
    private static final int MOST_TIMESTEPS = 201;
    private static final int MOST_UNKNOWN_NAMED = 20;
    private static final int LONGEST_NAME_SHOWN = 64;

    private final ObjectNode body;
    private final List<Problem> problems;
    private final Set<String> known = new HashSet<>();

    RequestFields(ObjectNode body, List<Problem> problems) {
        this.body = body;
        this.problems = problems;
    }

    /** The names that were asked for so far: when all were read, the fields that there are. */
    Set<String> known() {
        return Set.copyOf(known);
    }

    boolean has(String name) {
        return body.has(name);
    }

    void problem(String name, String message) {
        problems.add(new Problem(name, message));
    }

    @Nullable
    String text(String name, int shortest, int longest) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        String text = node.textValue();
        int length = text == null ? -1 : text.codePointCount(0, text.length());
        if (text == null || length < shortest || length > longest) {
            problem(name, "must be a string of " + shortest + " to " + longest + " characters");
            return null;
        }
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            problem(name, "contains half of a surrogate pair, which is no character");
            return null;
        }
        return text;
    }

    @Nullable
    Integer integer(String name, int least, int most) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        if (!node.isInt() || node.intValue() < least || node.intValue() > most) {
            problem(name, "must be an integer from " + least + " to " + most);
            return null;
        }
        return node.intValue();
    }

    @Nullable
    Double number(String name, int least, int most) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        if (!node.isNumber() || !within(node.decimalValue(), least, most)) {
            problem(name, "must be a number from " + least + " to " + most);
            return null;
        }
        return node.doubleValue();
    }

    /** A side in pixels; the message for a wrong one names the nearest right one. */
    @Nullable
    Integer side(String name, int least, int most, int multiple) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        String rule = "must be a multiple of " + multiple + " from " + least + " to " + most;
        if (!node.isIntegralNumber()) {
            problem(name, rule);
            return null;
        }
        long asked = node.canConvertToLong()
                ? node.longValue()
                : node.bigIntegerValue().signum() * (long) Integer.MAX_VALUE;
        long nearest = nearestSide(asked, least, most, multiple);
        if (asked != nearest) {
            problem(name, rule + "; the nearest valid value is " + nearest);
            return null;
        }
        return (int) nearest;
    }

    private static long nearestSide(long asked, int least, int most, int multiple) {
        long lowest = Math.ceilDiv(least, multiple) * (long) multiple;
        long highest = most / multiple * (long) multiple;
        long clamped = Math.clamp(asked, lowest, highest);
        return Math.clamp((clamped + multiple / 2) / multiple * multiple, lowest, highest);
    }

    /** Values in [0,1], ending in 0, strictly decreasing also after rounding to float32, which the models count in. */
    @Nullable
    List<Double> timesteps(String name) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        var values = new ArrayList<Double>();
        boolean right = node.isArray() && node.size() >= FEWEST_TIMESTEPS && node.size() <= MOST_TIMESTEPS;
        double previous = Double.POSITIVE_INFINITY;
        for (JsonNode value : right ? node : body.arrayNode()) {
            right &= value.isNumber()
                    && within(value.decimalValue(), 0, 1)
                    && (float) value.doubleValue() < (float) previous;
            previous = value.doubleValue();
            values.add(previous);
        }
        if (!right || previous != 0) {
            problem(
                    name,
                    "must be a list of " + FEWEST_TIMESTEPS + " to " + MOST_TIMESTEPS
                            + " numbers in [0,1], strictly decreasing and ending in 0");
            return null;
        }
        return values;
    }

    /** Any 64-bit integer, signed or unsigned, as a number or as a string (JSON readers may lose digits of a number). */
    @Nullable
    Long seed(String name) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        BigInteger value = null;
        if (node.isIntegralNumber()) {
            value = node.bigIntegerValue();
        } else if (node.isTextual() && node.textValue().matches("-?[0-9]{1,20}")) {
            value = new BigInteger(node.textValue());
        }
        if (value == null || value.compareTo(LOWEST_SEED) < 0 || value.compareTo(HIGHEST_SEED) > 0) {
            problem(name, "must be a 64-bit integer, as a number or a string");
            return null;
        }
        return value.longValue();
    }

    @Nullable
    Boolean flag(String name) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        if (!node.isBoolean()) {
            problem(name, "must be true or false");
            return null;
        }
        return node.booleanValue();
    }

    @Nullable
    JobId job(String name) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        try {
            return new JobId(String.valueOf(node.textValue()));
        } catch (IllegalArgumentException none) {
            problem(name, "must be the id of a job");
            return null;
        }
    }

    @Nullable
    String choice(String name, List<String> supported) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        if (!node.isTextual() || !supported.contains(node.textValue())) {
            problem(name, "must be one of: " + String.join(", ", supported));
            return null;
        }
        return node.textValue();
    }

    @Nullable
    Instant instant(String name) {
        JsonNode node = field(name);
        if (node == null) {
            return null;
        }
        try {
            return rfc3339(String.valueOf(node.textValue()));
        } catch (DateTimeException malformed) {
            problem(name, TIME_RULE);
            return null;
        }
    }

    /** @throws DateTimeException for anything else, also where ISO 8601 would allow it */
    static Instant rfc3339(String text) {
        if (!RFC_3339.matcher(text).matches()) {
            throw new DateTimeException("not an RFC 3339 time");
        }
        return OffsetDateTime.parse(text).toInstant();
    }

    void refuseOthers() {
        var unknown = new ArrayList<String>();
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                unknown.add(name);
            }
        });
        for (String name : unknown.subList(0, Math.min(unknown.size(), MOST_UNKNOWN_NAMED))) {
            problem(name.substring(0, Math.min(name.length(), LONGEST_NAME_SHOWN)), "is not a field of a request");
        }
        if (unknown.size() > MOST_UNKNOWN_NAMED) {
            problem("*", (unknown.size() - MOST_UNKNOWN_NAMED) + " more unknown fields");
        }
    }

    private @Nullable JsonNode field(String name) {
        known.add(name);
        return body.get(name);
    }

    private static boolean within(BigDecimal value, int least, int most) {
        return value.compareTo(BigDecimal.valueOf(least)) >= 0 && value.compareTo(BigDecimal.valueOf(most)) <= 0;
    }
}
