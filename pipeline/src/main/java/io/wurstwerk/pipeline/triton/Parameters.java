package io.wurstwerk.pipeline.triton;

import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the parameters of one model's configuration, and collects what is wrong with them. */
final class Parameters {
    private final ServedModel model;
    private final List<String> problems;

    Parameters(ServedModel model, List<String> problems) {
        this.model = model;
        this.problems = problems;
    }

    String text(String key) {
        String value = model.parameters().get(key);
        if (value == null) {
            problems.add("model " + model.name() + ": parameter " + key + " is missing from its configuration");
            return "";
        }
        return value;
    }

    /** A positive number; 1 if there is none, with the problem noted. */
    double positive(String key) {
        String text = text(key);
        if (text.isEmpty() && !model.parameters().containsKey(key)) {
            return 1;
        }
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (value > 0 && Double.isFinite(value)) {
            return value;
        }
        problems.add("model " + model.name() + ": parameter " + key + " is \"" + text + "\", not a positive number");
        return 1;
    }

    /** A positive whole number of pixels; 1 if there is none, with the problem noted. */
    int pixels(String key) {
        double value = positive(key);
        if (value != Math.rint(value) || value > Short.MAX_VALUE) {
            problems.add("model " + model.name() + ": parameter " + key + " is " + value + ", not a number of pixels");
            return 1;
        }
        return (int) value;
    }

    /** Ranges of image sizes separated by spaces; none where the key is absent. */
    List<SizeRange> sizes(String key) {
        String text = model.parameters().getOrDefault(key, "");
        try {
            return Stream.of(text.split(" ", -1))
                    .filter(range -> !range.isEmpty())
                    .map(SizeRange::parse)
                    .toList();
        } catch (IllegalArgumentException e) {
            problems.add("model " + model.name() + ": parameter " + key + ": " + e.getMessage());
            return List.of();
        }
    }

    int pixels(String key, int otherwise) {
        return model.parameters().containsKey(key) ? pixels(key) : otherwise;
    }

    boolean has(String key) {
        return model.parameters().containsKey(key);
    }

    /** So many finite numbers with blanks between; empty if the parameter is absent, or wrong, with the problem noted. */
    Optional<double[]> numbers(String key, int count) {
        String text = model.parameters().get(key);
        if (text == null) {
            return Optional.empty();
        }
        try {
            double[] numbers = Arrays.stream(text.strip().split("\\s+"))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            if (numbers.length == count && Arrays.stream(numbers).allMatch(Double::isFinite)) {
                return Optional.of(numbers);
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        problem("parameter " + key + " is not a list of " + count + " numbers with blanks between");
        return Optional.empty();
    }

    void problem(String what) {
        problems.add("model " + model.name() + ": " + what);
    }
}
